//! Panics are bugs: caught at the rim and reported as such.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use super::call::Call;
use super::exit::{Exit, Failure};

/// Where the first panic happened, for the report.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Runs a command and ends as it did. A panic in it is reported as a bug.
pub fn guarded(command: impl FnOnce(&Call) -> Result<(), Failure>) -> ExitCode {
    let call = Call::now();
    remember_panics();
    let ended = catch_unwind(AssertUnwindSafe(|| command(&call)));
    let ended = ended.unwrap_or_else(|panic| Err(Failure::Bug(message(panic.as_ref()))));
    let Err(failure) = ended else {
        return Exit::Done.into();
    };
    match failure {
        Failure::Bug(message) => Failure::Bug(with_place(message)).report(&call),
        other => {
            other.report(&call);
            return other.exit().into();
        }
    }
    Exit::Bug.into()
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
    use super::*;

    #[test]
    fn panics_say_what_they_said() {
        let said = |panic: Box<dyn std::any::Any + Send>| message(panic.as_ref());
        assert_eq!(said(Box::new("a share of 1.5")), "a share of 1.5");
        assert_eq!(said(Box::new("w = 2".to_owned())), "w = 2");
        assert_eq!(said(Box::new(7)), "a panic without a message");
    }
}
