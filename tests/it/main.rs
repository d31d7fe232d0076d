//! Tests of landfall from outside: the program and the library as their users meet them.

mod analysis;
mod architecture;
mod cli;
mod course;
mod gallery;
#[cfg(target_os = "linux")]
mod hostile;
mod keyed;
mod known;
mod law;
mod lint;
mod mutants;
mod operating;
mod page;
mod properties;
mod schema;
mod shipped;
mod trace;
mod vocabulary;
mod words;
mod worlds;
