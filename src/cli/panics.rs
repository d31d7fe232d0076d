//! Panics are bugs: caught at the rim and reported as such.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::call::Call;
use super::exit::{Exit, Failure};

/// Where the first panic happened, for the report.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Runs a command and ends as it did. A panic in it is reported as a bug.
pub fn guarded(command: impl FnOnce(&Call) -> Result<(), Failure>) -> Exit {
    let call = Call::now();
    remember_panics();
    let ended = catch_unwind(AssertUnwindSafe(|| command(&call)));
    let ended = ended.unwrap_or_else(|panic| Err(Failure::Bug(message(panic.as_ref()))));
    let Err(failure) = ended else {
        return Exit::Done;
    };
    match failure {
        Failure::Bug(message) => Failure::Bug(with_place(message)).report(&call),
        other => {
            other.report(&call);
            return other.exit();
        }
    }
    Exit::Bug
}

/// Instead of printing, since a rollout that panics is reported once and with its name. With `RUST_BACKTRACE` set the
/// usual text comes as well.
fn remember_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let mut place = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_none() {
            *place = info.location().map(ToString::to_string);
        }
        drop(place);
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
            usual(info);
        }
    }));
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

fn with_place(message: String) -> String {
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    match place {
        Some(place) => format!("{message} ({place})"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::process::Command;

    use rayon::ThreadPoolBuilder;

    use super::super::session::stopped;
    use super::*;
    use crate::plan::Stratum;
    use crate::replicate::batch::{Buffers, Job, Runner, batch};
    use crate::summary::example;

    #[test]
    fn panics_say_what_they_said() {
        let said = |panic: Box<dyn std::any::Any + Send>| message(panic.as_ref());
        assert_eq!(said(Box::new("a share of 1.5")), "a share of 1.5");
        assert_eq!(said(Box::new("w = 2".to_owned())), "w = 2");
        assert_eq!(said(Box::new(7)), "a panic without a message");
    }

    /// Says to the process that the test starts what it is to do.
    const PART: &str = "LANDFALL_TEST_OF_BUGS";
    const ITS_NAME: &str = "cli::panics::tests::a_bug_is_reported_and_ends_with_70";

    /// A rollout of a plan in which a rule is broken: a fault of an SLI that there is not.
    fn broken_rollout() -> Result<(), Failure> {
        let mut plan = example::plan(0.5, &[1.0], &["ours"]);
        for (sli, _) in &mut plan.change.faults[0].adds {
            *sli = 70;
        }
        let pool = ThreadPoolBuilder::new().num_threads(2).build();
        let job = Job {
            engine: 0,
            stratum: Stratum::Fault(0),
            number: 3,
        };
        let runners = [Runner::new(&plan, 0)];
        let mut go_on = |_| ControlFlow::Continue(());
        let pool = pool.expect("threads");
        let outcomes = batch(&pool, &runners, 1, &[job], &Buffers::default(), &mut go_on);
        outcomes.map(drop).map_err(stopped)
    }

    /// The test is a process of its own for each part, since a bug changes what the whole process does about panics.
    #[test]
    fn a_bug_is_reported_and_ends_with_70() {
        let part = std::env::var(PART).unwrap_or_default();
        let exit = match part.as_str() {
            "here" => guarded(|_| panic!("a share of {}", 1.5)),
            "in a rollout" => guarded(|_| broken_rollout()),
            "none" => guarded(|_| Ok(())),
            _ => {
                for (part, code, words) in [
                    (
                        "here",
                        70,
                        &[
                            "has a bug: a share of 1.5 (",
                            "panics.rs:",
                            "Please report it",
                        ][..],
                    ),
                    ("in a rollout", 70, &["has a bug: ", "ours", "f0#3"]),
                    ("none", 0, &[]),
                ] {
                    started(part, code, words);
                }
                return;
            }
        };
        std::process::exit(exit.number().into());
    }

    fn started(part: &str, code: i32, words: &[&str]) {
        let own = std::env::current_exe().expect("this program");
        let mut command = Command::new(own);
        command.args(["--exact", ITS_NAME, "--nocapture"]);
        let output = command
            .env(PART, part)
            .env_remove("RUST_BACKTRACE")
            .output();
        let output = output.expect("it starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{part}: {err}");
        for word in words {
            assert!(err.contains(word), "{part}: {word}: {err}");
        }
    }
}
