//! Tests of landfall from outside: the program and the library as their users meet them.

mod architecture;
mod cli;
mod gallery;
mod known;
