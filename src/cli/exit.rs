//! Exit codes, and the ways to fail that lead to them.

use std::process::ExitCode;

use super::call::Call;
use super::console::complain;

/// How the program ends. Numbers are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// What was checked is not so.
    NotSo,
    /// What was checked is too close to tell.
    Undecided,
    /// The input is wrong: arguments, a file, or nothing to do.
    WrongInput,
    /// Results could not be written.
    OutputFailed,
    /// A bug in landfall.
    Bug,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::NotSo => 1,
            Exit::WrongInput => 2,
            Exit::Undecided => 3,
            Exit::OutputFailed => 4,
            Exit::Bug => 70,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.number())
    }
}

/// Why a command did not get done.
#[derive(Debug)]
pub enum Failure {
    /// The arguments are wrong.
    Usage(clap::Error),
    /// The scenario is wrong: all problems as they are to be shown.
    Scenario(String),
    /// Something else in what was given is wrong, in a sentence.
    Input(String),
    /// What was to be the same is not, in a sentence.
    Differs(String),
    /// What was checked is too close to tell, in a sentence.
    Undecided(String),
    /// Results could not be written, in a sentence.
    Output(String),
    /// A rule of the program was broken.
    Bug(String),
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl Failure {
    /// How the program ends.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) | Failure::Scenario(_) | Failure::Input(_) => Exit::WrongInput,
            Failure::Differs(_) => Exit::NotSo,
            Failure::Undecided(_) => Exit::Undecided,
            Failure::Output(_) => Exit::OutputFailed,
            Failure::Bug(_) => Exit::Bug,
            Failure::Interrupted => Exit::Interrupted,
        }
    }

    /// Says on standard error what went wrong.
    pub(super) fn report(&self, call: &Call) {
        match self {
            // Its own colours; a closed standard error leaves nothing to be done.
            Failure::Usage(error) => drop(error.print()),
            Failure::Scenario(problems) => complain(problems),
            Failure::Differs(sentence) | Failure::Undecided(sentence) => {
                complain(&format!("{sentence}\n"))
            }
            Failure::Input(sentence) | Failure::Output(sentence) => {
                complain(&format!("error: {sentence}\n"));
            }
            Failure::Bug(message) => complain(&bug_report(message, call)),
            Failure::Interrupted => complain("interrupted: no files were written\n"),
        }
    }
}

fn bug_report(message: &str, call: &Call) -> String {
    format!(
        "landfall {} has a bug: {message}\n\
         Whatever a scenario says, this should not happen. Please report it, with the files of the scenario and this \
         command:\n    {}\n",
        env!("CARGO_PKG_VERSION"),
        call.command_line()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_number() {
        let usage = clap::Error::new(clap::error::ErrorKind::UnknownArgument);
        for (failure, number) in [
            (Failure::Usage(usage), 2),
            (Failure::Scenario(String::new()), 2),
            (Failure::Input(String::new()), 2),
            (Failure::Differs(String::new()), 1),
            (Failure::Undecided(String::new()), 3),
            (Failure::Output(String::new()), 4),
            (Failure::Bug(String::new()), 70),
            (Failure::Interrupted, 130),
        ] {
            assert_eq!(failure.exit().number(), number, "{failure:?}");
        }
        assert_eq!(Exit::Done.number(), 0);
    }
}
