//! What an alarm needs to see in a single bucket before it can mind a datapoint.
//!
//! A window whose ratio is beyond a threshold has a bucket whose own ratio is; one with more than T bad requests has a
//! bucket with more than its part of them. So a datapoint can breach only if it covers a bucket that answers such a
//! question, and buckets that answer none need not be looked at.

use super::super::family::Family;
use super::super::law::Reading;
use crate::plan::{Action, Alarm, Condition, Missing};

/// A share by which thresholds are lowered where sums of several buckets are compared with them: rounding must not make
/// a bucket look harmless.
pub(super) const SLACK: f64 = 1e-12;

/// A question to one bucket. Readings and SLIs are counted as the family counts them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Question {
    /// Whether bad / requests is beyond a ratio.
    Ratio {
        reading: usize,
        sli: usize,
        over: f64,
        inclusive: bool,
        /// Requests without which nothing is judged.
        needs: f64,
    },
    /// Whether there are more bad requests than this.
    Count {
        reading: usize,
        sli: usize,
        over: f64,
        inclusive: bool,
    },
    /// Whether there are fewer requests than this.
    Few {
        reading: usize,
        under: f64,
        inclusive: bool,
    },
    /// Whether the ratio is beyond this factor times the control's.
    Times {
        reading: usize,
        control: usize,
        sli: usize,
        factor: f64,
    },
    /// Whether there are no more requests than this share of the control's, both taken per share of traffic. Windows
    /// within which shares change are looked at anyway.
    FewerThanControl {
        reading: usize,
        control: usize,
        share: f64,
    },
    /// Every bucket matters.
    Any,
}

/// A question, and when it is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Asked {
    pub(in super::super) question: Question,
    /// Who asks.
    pub(in super::super) by: Askers,
    /// Only while old and new version stand side by side.
    pub(in super::super) side_by_side: bool,
}

impl Asked {
    /// What an alarm, the `position`-th of its family, asks of the family's buckets.
    pub(in super::super) fn by(
        alarm: &Alarm,
        position: usize,
        family: &Family,
        reading: Reading,
    ) -> Vec<Asked> {
        let parts = (i64::from(alarm.window_s) / family.bucket_s) as f64;
        let mut questions = vec![question(alarm, alarm.condition, family, reading, parts)];
        if alarm.missing != Missing::NotBreaching || alarm.does == Action::Hold {
            let second = alarm.and.map(|and| {
                let parts = (i64::from(and.window_s) / family.bucket_s) as f64;
                (and.condition, parts)
            });
            for (condition, parts) in [(alarm.condition, parts)].into_iter().chain(second) {
                missing(alarm, condition, family, reading, parts, &mut questions);
            }
        }
        // A longer window may cover buckets from before old and new version stood side by side.
        let needs_both = alarm.needs_both_versions();
        let asked = questions.into_iter().map(|question| Asked {
            question,
            by: Askers::one(position),
            side_by_side: needs_both
                && (parts == 1.0 || matches!(question, Question::FewerThanControl { .. })),
        });
        asked.collect()
    }
}

/// When a datapoint of `parts` buckets can breach.
fn question(
    alarm: &Alarm,
    condition: Condition,
    family: &Family,
    reading: Reading,
    parts: f64,
) -> Question {
    let slot = |r| family.position(r);
    let own = slot(reading);
    let single = parts == 1.0;
    let lowered = |x: f64| if single { x } else { x / parts * (1.0 - SLACK) };
    let ratio = |sli, over: f64, inclusive| Question::Ratio {
        reading: own,
        sli: family.sli_position(sli),
        over: if single { over } else { over * (1.0 - SLACK) },
        inclusive: inclusive || !single,
        needs: if single { alarm.min_requests } else { 0.0 },
    };
    match condition {
        Condition::Ratio {
            sli,
            over,
            inclusive,
        } => ratio(sli, over, inclusive),
        // The control's own ratio only raises the threshold. The sum may round.
        Condition::ControlPlus { sli, over, .. } => ratio(sli, over * (1.0 - SLACK), true),
        Condition::Count {
            sli,
            over,
            inclusive,
        } => Question::Count {
            reading: own,
            sli: family.sli_position(sli),
            over: lowered(over),
            inclusive,
        },
        // At least as many times none is none: every bucket without a bad request breaches.
        Condition::ControlTimes {
            inclusive: true, ..
        } => Question::Any,
        Condition::ControlTimes { sli, factor, .. } if single => Question::Times {
            reading: own,
            control: slot(Reading::Control),
            sli: family.sli_position(sli),
            factor: factor * (1.0 - SLACK),
        },
        // Neither breaches without a bad request.
        Condition::ControlTest { sli, .. } | Condition::ControlTimes { sli, .. } => {
            Question::Count {
                reading: own,
                sli: family.sli_position(sli),
                over: 0.0,
                inclusive: false,
            }
        }
        Condition::RequestsBelow { under, inclusive } => Question::Few {
            reading: own,
            under: if single {
                under
            } else {
                under / parts * (1.0 + SLACK)
            },
            inclusive,
        },
        Condition::RequestsBelowControl { share, .. } => Question::FewerThanControl {
            reading: own,
            control: slot(Reading::Control),
            share: share * (1.0 + SLACK),
        },
    }
}

/// When a datapoint of `parts` buckets can be missing.
fn missing(
    alarm: &Alarm,
    condition: Condition,
    family: &Family,
    reading: Reading,
    parts: f64,
    questions: &mut Vec<Question>,
) {
    if condition.sli().is_none() {
        return;
    }
    let least = if condition.asks_ratio() {
        alarm.min_requests.max(1.0)
    } else {
        alarm.min_requests
    };
    if least > 0.0 {
        questions.push(Question::Few {
            reading: family.position(reading),
            under: least / parts * (1.0 + SLACK),
            inclusive: false,
        });
    }
    if condition.is_relative() {
        questions.push(Question::Few {
            reading: family.position(Reading::Control),
            under: 1.0,
            inclusive: false,
        });
    }
}

/// Some of a family's alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Askers(u64);

impl Askers {
    /// How many there may be.
    pub(in super::super) const MOST: usize = 64;

    /// The alarm at a position in its family.
    pub(in super::super) fn one(position: usize) -> Askers {
        Askers(1 << (position % Askers::MOST))
    }

    pub(in super::super) fn and(self, other: Askers) -> Askers {
        Askers(self.0 | other.0)
    }

    pub(super) fn any(self) -> bool {
        self.0 != 0
    }

    pub(in super::super) fn meets(self, other: Askers) -> bool {
        self.0 & other.0 != 0
    }

    /// Those who are not among others.
    pub(super) fn without(self, others: Askers) -> Askers {
        Askers(self.0 & !others.0)
    }

    /// Those who are among others.
    pub(super) fn shared_with(self, others: Askers) -> Askers {
        Askers(self.0 & others.0)
    }

    /// As a part of a key.
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// Those of `askers` whose questions a bucket answers.
    pub(super) fn answered(
        askers: Askers,
        asked: &[Asked],
        row: &[f64],
        slis: usize,
        new: f64,
    ) -> Askers {
        let answered = asked
            .iter()
            .filter(|a| a.by.meets(askers) && a.question.answered_by(row, slis, new));
        answered.fold(Askers::default(), |all, a| all.and(a.by))
    }
}

impl FromIterator<usize> for Askers {
    /// The alarms at these positions in their family.
    fn from_iter<I: IntoIterator<Item = usize>>(positions: I) -> Askers {
        let positions = positions.into_iter();
        positions.fold(Askers::default(), |all, position| {
            all.and(Askers::one(position))
        })
    }
}

/// Whether `value` is beyond `limit`.
pub(super) fn beyond(value: f64, limit: f64, inclusive: bool) -> bool {
    value > limit || (inclusive && value >= limit)
}

impl Question {
    /// What it looks at: pairs of reading and SLI.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, Option<usize>)> {
        let cells = match *self {
            Question::Any => [None, None],
            Question::Few { reading, .. } => [Some((reading, None)), None],
            Question::FewerThanControl {
                reading, control, ..
            } => [Some((reading, None)), Some((control, None))],
            Question::Count { reading, sli, .. } | Question::Ratio { reading, sli, .. } => {
                [Some((reading, Some(sli))), None]
            }
            Question::Times {
                reading,
                control,
                sli,
                ..
            } => [Some((reading, Some(sli))), Some((control, Some(sli)))],
        };
        cells.into_iter().flatten()
    }

    /// Whether a bucket's counts answer it: rows are, for each reading, requests and then bad ones SLI by SLI.
    /// `new`: the new version's share of the traffic.
    pub(super) fn answered_by(&self, row: &[f64], slis: usize, new: f64) -> bool {
        let requests = |reading: usize| row[reading * (1 + slis)];
        let bad = |reading: usize, sli: usize| row[reading * (1 + slis) + 1 + sli];
        match *self {
            Question::Any => true,
            Question::Few {
                reading,
                under,
                inclusive,
            } => beyond(-requests(reading), -under, inclusive),
            Question::FewerThanControl {
                reading,
                control,
                share,
            } => requests(reading) * (1.0 - new) <= share * new * requests(control),
            Question::Count {
                reading,
                sli,
                over,
                inclusive,
            } => beyond(bad(reading, sli), over, inclusive),
            Question::Ratio {
                reading,
                sli,
                over,
                inclusive,
                needs,
            } => {
                let n = requests(reading);
                n > 0.0 && n >= needs && beyond(bad(reading, sli) / n, over, inclusive)
            }
            Question::Times {
                reading,
                control,
                sli,
                factor,
            } => {
                let ratio = bad(reading, sli) / requests(reading);
                let allowed = factor * bad(control, sli) / requests(control);
                // Without a control there is nothing to compare with.
                bad(reading, sli) > 0.0 && (allowed.is_nan() || ratio >= allowed)
            }
        }
    }
}
