//! Tests of landfall from outside: the program and the library as their users meet them.

mod architecture;
mod cli;
mod gallery;
mod keyed;
mod known;
mod law;
mod properties;
mod shipped;
mod trace;
mod worlds;
