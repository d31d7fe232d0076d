//! Files to begin with: short, commented, ready to run.

use super::schema::File;

/// A file to begin with.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// Its name.
    pub name: &'static str,
    /// For whom it is, in a few words.
    pub about: &'static str,
    /// What kind of file it is.
    pub file: File,
    /// The file itself.
    pub text: &'static str,
}

macro_rules! beginning {
    ($file:ident, $name:literal, $about:literal) => {
        Beginning {
            name: $name,
            about: $about,
            file: File::$file,
            text: include_str!(concat!("beginnings/", $name, ".toml")),
        }
    };
}

/// All of them, the one for most people first.
pub static BEGINNINGS: &[Beginning] = &[
    beginning!(
        Scenario,
        "aws-like",
        "a service in 25 regions, as at a large public cloud"
    ),
    beginning!(Scenario, "one-cluster", "a small service on one cluster"),
    beginning!(
        Scenario,
        "lambda",
        "a function whose traffic shifts to a new version"
    ),
    beginning!(
        Scenario,
        "from-scratch",
        "everything written out: regions, faults, alarms, people"
    ),
    beginning!(
        Strategies,
        "strategies",
        "strategies to lay over somebody else's scenario"
    ),
];
