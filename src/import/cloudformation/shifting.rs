//! How CodeDeploy and its like shift traffic from the old version to the new one.
//!
//! Sources: AWS CodeDeploy User Guide, "Working with deployment configurations"; the SAM translator's list of
//! deployment preference types (`deployment_preference_collection.py`).

/// A way to shift traffic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shifting {
    AllAtOnce,
    /// A share first, all after an interval.
    Canary {
        percent: f64,
        interval_s: f64,
    },
    /// A share at the start of each interval.
    Linear {
        percent: f64,
        interval_s: f64,
    },
}

/// The most increments; CodeDeploy's least share is 1%.
const MOST_STEPS: usize = 1_000;

impl Shifting {
    /// The shares in percent and how long each is kept, in seconds. The last is all, kept for no time.
    ///
    /// A linear shift moves its share at the start of each increment: `n` increments of `p` percent, `n` being 100/p
    /// rounded up, reach all after `n - 1` intervals.
    pub(super) fn stages(self) -> Vec<(f64, f64)> {
        match self {
            Shifting::AllAtOnce => vec![(100.0, 0.0)],
            Shifting::Canary {
                percent,
                interval_s,
            } if percent < 100.0 => vec![(percent, interval_s), (100.0, 0.0)],
            Shifting::Linear {
                percent,
                interval_s,
            } if percent < 100.0 => {
                let mut stages: Vec<(f64, f64)> = (1..MOST_STEPS)
                    .map(|step| (percent * step as f64, interval_s))
                    .take_while(|(share, _)| *share < 100.0)
                    .collect();
                stages.push((100.0, 0.0));
                stages
            }
            Shifting::Canary { .. } | Shifting::Linear { .. } => vec![(100.0, 0.0)],
        }
    }
}

/// How certain it is what a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Named {
    /// AWS documents it.
    Predefined(Shifting),
    /// It reads like a predefined one and is none.
    Guessed(Shifting),
    Unknown,
}

/// The names that SAM takes for functions, which are those of CodeDeploy without their prefix.
const LAMBDA: [&str; 9] = [
    "Canary10Percent5Minutes",
    "Canary10Percent10Minutes",
    "Canary10Percent15Minutes",
    "Canary10Percent30Minutes",
    "Linear10PercentEvery1Minute",
    "Linear10PercentEvery2Minutes",
    "Linear10PercentEvery3Minutes",
    "Linear10PercentEvery10Minutes",
    "AllAtOnce",
];

/// The names of CodeDeploy for ECS, without their prefix.
const ECS: [&str; 5] = [
    "Linear10PercentEvery1Minutes",
    "Linear10PercentEvery3Minutes",
    "Canary10Percent5Minutes",
    "Canary10Percent15Minutes",
    "AllAtOnce",
];

/// What the name of a deployment configuration stands for, if it is not in the template. `sam`: whether it may be one
/// of SAM's short names.
pub(super) fn named(name: &str, sam: bool) -> Named {
    let (list, short) = if let Some(short) = name.strip_prefix("CodeDeployDefault.Lambda") {
        (&LAMBDA[..], short)
    } else if let Some(short) = name.strip_prefix("CodeDeployDefault.ECS") {
        (&ECS[..], short)
    } else if sam {
        (&LAMBDA[..], name)
    } else {
        (&[][..], name)
    };
    match by_pattern(short) {
        Some(shifting) if list.contains(&short) => Named::Predefined(shifting),
        Some(shifting) => Named::Guessed(shifting),
        None => Named::Unknown,
    }
}

/// Reads `Canary10Percent5Minutes` and the like anywhere in a name.
fn by_pattern(name: &str) -> Option<Shifting> {
    if let Some(rest) = after(name, "Canary") {
        let (percent, rest) = number(rest)?;
        let (minutes, rest) = number(rest.strip_prefix("Percent")?)?;
        rest.strip_prefix("Minute")?;
        return share(percent).map(|percent| Shifting::Canary {
            percent,
            interval_s: minutes * 60.0,
        });
    }
    if let Some(rest) = after(name, "Linear") {
        let (percent, rest) = number(rest)?;
        let (minutes, rest) = number(rest.strip_prefix("PercentEvery")?)?;
        rest.strip_prefix("Minute")?;
        return share(percent).map(|percent| Shifting::Linear {
            percent,
            interval_s: minutes * 60.0,
        });
    }
    name.ends_with("AllAtOnce").then_some(Shifting::AllAtOnce)
}

fn after<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    name.find(word).map(|at| &name[at + word.len()..])
}

/// A number of few digits at the start of a text, and the rest.
fn number(text: &str) -> Option<(f64, &str)> {
    let length = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number = (length <= 6).then(|| text[..length].parse().ok())?;
    number.map(|number| (number, &text[length..]))
}

fn share(percent: f64) -> Option<f64> {
    (1.0..=100.0).contains(&percent).then_some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_s(name: &str) -> f64 {
        let (Named::Predefined(shifting) | Named::Guessed(shifting)) = named(name, true) else {
            panic!("{name} is not known");
        };
        shifting.stages().iter().map(|(_, dwell)| dwell).sum()
    }

    #[test]
    fn a_linear_shift_is_full_one_interval_before_the_documents_say() {
        // Trap 15: (n - 1) intervals and not n.
        assert_eq!(full_s("Linear10PercentEvery1Minute"), 9.0 * 60.0);
        assert_eq!(full_s("Linear10PercentEvery10Minutes"), 90.0 * 60.0);
        assert_eq!(full_s("Canary10Percent15Minutes"), 900.0);
        assert_eq!(full_s("AllAtOnce"), 0.0);
    }

    #[test]
    fn a_share_that_does_not_divide_100_ends_in_a_smaller_step() {
        let shifting = Shifting::Linear {
            percent: 30.0,
            interval_s: 60.0,
        };
        let stages = [(30.0, 60.0), (60.0, 60.0), (90.0, 60.0), (100.0, 0.0)];
        assert_eq!(shifting.stages(), stages);
        let whole = Shifting::Linear {
            percent: 100.0,
            interval_s: 60.0,
        };
        assert_eq!(whole.stages(), [(100.0, 0.0)]);
    }

    #[test]
    fn names_are_predefined_guessed_or_unknown() {
        let linear = |minutes: f64| Shifting::Linear {
            percent: 10.0,
            interval_s: minutes * 60.0,
        };
        assert_eq!(
            named("Linear10PercentEvery3Minutes", true),
            Named::Predefined(linear(3.0))
        );
        assert_eq!(
            named("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", true),
            Named::Predefined(linear(1.0))
        );
        assert_eq!(
            named("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", false),
            Named::Predefined(linear(3.0))
        );
        let half = Shifting::Canary {
            percent: 50.0,
            interval_s: 300.0,
        };
        assert_eq!(
            named("LambdaCanary50Percent5Minutes", true),
            Named::Guessed(half)
        );
        assert_eq!(
            named("ECSCanary50Percent5Minutes", false),
            Named::Guessed(half)
        );
        // Nothing is predefined outside of its own list.
        assert_eq!(
            named("Linear10PercentEvery3Minutes", false),
            Named::Guessed(linear(3.0))
        );
        for name in [
            "TestCustomDeploymentConfig",
            "Canary0Percent5Minutes",
            "Canary10Percent",
            "",
        ] {
            assert_eq!(named(name, true), Named::Unknown, "{name}");
        }
    }
}
