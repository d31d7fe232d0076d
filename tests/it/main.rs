//! Tests of landfall from outside: the program and the library as their users meet them.

mod analysis;
mod architecture;
mod certain;
mod check;
mod cli;
mod course;
#[cfg(unix)]
mod examples;
mod forecasts;
mod gallery;
mod gate;
mod guesses;
#[cfg(target_os = "linux")]
mod hostile;
mod import;
mod keyed;
mod known;
mod law;
mod lint;
mod mutants;
mod operating;
mod page;
mod properties;
mod reckoned;
mod replay;
mod responsible;
mod schema;
mod shipped;
mod summary;
mod tour;
mod trace;
mod verdicts;
mod vocabulary;
mod words;
mod worlds;
