//! Tests of landfall from outside: the program and the library as their users meet them.

mod cli;
mod gallery;
