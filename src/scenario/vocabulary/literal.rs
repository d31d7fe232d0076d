//! The grammars of texts, and the distributions by name.

use super::kind::{Bounds, DistWords, Literal};
use crate::scenario::literal::pattern;

/// A plain number in place of a share: 1 could be all or 1%.
const BELOW_ONE: Option<Bounds> = Some(Bounds::below(0.0, 1.0));
/// A plain number in place of an amount.
const PLAIN: Option<Bounds> = Some(Bounds::of(0.0, 1e18));

/// `90s`.
pub static DURATION: Literal = Literal {
    name: "a duration",
    meaning: "Numbers with the units ms, s, m, h, d, w (or their names), from large to small. A number without a unit \
              is refused.",
    examples: &["90s", "1h30m", "1.5h", "2d"],
    pattern: pattern::duration,
    number: None,
};

/// `5m to 20m`.
pub static RANDOM_DURATION: Literal = Literal {
    name: "a random duration",
    meaning: "A duration, which is then certain; FROM to TO, a lognormal distribution with those 5th and 95th \
              percentiles; a distribution by name; or a mixture, each part with its weight.",
    examples: &[
        "10m",
        "5m to 20m",
        "lognormal(median=45m, p95=6h)",
        "0.7: 5m | 0.3: 1h to 4h",
    ],
    pattern: pattern::random_duration,
    number: None,
};

/// `4%`.
pub static SHARE: Literal = Literal {
    name: "a share",
    meaning: "A percentage, or a number below 1. A plain 1 is refused, since it could be all or 1%.",
    examples: &["4%", "0.25", "99.9%"],
    pattern: pattern::share,
    number: BELOW_ONE,
};

/// `1% to 10%`.
pub static RANDOM_SHARE: Literal = Literal {
    name: "a random share",
    meaning: "A share, which is then certain; FROM to TO, a lognormal distribution with those 5th and 95th \
              percentiles; a distribution by name; or a mixture. What is drawn above 100% is cut there.",
    examples: &["30%", "0.5% to 20%", "uniform(0%, 10%)"],
    pattern: pattern::random_share,
    number: BELOW_ONE,
};

/// `24_000`.
pub static AMOUNT: Literal = Literal {
    name: "an amount",
    meaning: "A number without a unit; `_` may set digits apart.",
    examples: &["24_000", "1e6"],
    pattern: pattern::amount,
    number: PLAIN,
};

/// `1e6 to 1e9`.
pub static RANDOM_AMOUNT: Literal = Literal {
    name: "a random amount",
    meaning: "A number, which is then certain; FROM to TO, a lognormal distribution with those 5th and 95th \
              percentiles; a distribution by name; or a mixture.",
    examples: &["1e6", "1e6 to 1e9"],
    pattern: pattern::random_amount,
    number: PLAIN,
};

/// `2 per year`.
pub static RATE: Literal = Literal {
    name: "a rate",
    meaning: "A number per unit of time. A month has 30 days, a year 365.",
    examples: &["2 per year", "0.5 per day", "1 per 90d"],
    pattern: pattern::rate,
    number: None,
};

/// `errors > 1%`.
pub static CONDITION: Literal = Literal {
    name: "a condition",
    meaning: "What a datapoint is compared with: a ratio of bad requests with a share, a number of them, the control \
              (the zone's old version) plus a share, times a factor or by a one-sided test at a level; or requests \
              with a number, for too few. `>=` and `<=` include the threshold.",
    examples: &[
        "errors > 1%",
        "errors > 5 per period",
        "errors > control + 0.5%",
        "errors > control * 1.5",
        "errors > control at 1%",
        "requests < 20",
        "requests < 50% of control",
    ],
    pattern: pattern::condition,
    number: None,
};

/// `3 of 5`.
pub static RULE: Literal = Literal {
    name: "a rule on datapoints",
    meaning: "M of N: M of the last N breach. M in a row: the last M. M in all: M since the history began.",
    examples: &["3 of 5", "4 in a row", "4 in all"],
    pattern: pattern::rule,
    number: None,
};

/// `2026-03-02`.
pub static DATE: Literal = Literal {
    name: "a date",
    meaning: "Year, month and day.",
    examples: &["2026-03-02"],
    pattern: pattern::date,
    number: None,
};

/// `2026-12-24 to 2027-01-02`.
pub static DATES: Literal = Literal {
    name: "a range of dates",
    meaning: "A date, or two, both of which count.",
    examples: &["2026-12-25", "2026-12-24 to 2027-01-02"],
    pattern: pattern::dates,
    number: None,
};

/// `2026-03-02T09:00:00Z`.
pub static MOMENT: Literal = Literal {
    name: "a moment",
    meaning: "A date and a time with an offset, or Z for universal time.",
    examples: &["2026-03-02T09:00:00Z", "2026-03-02T09:00:00+01:00"],
    pattern: pattern::moment,
    number: None,
};

/// `00:00`, or a moment.
pub static CLOCK: Literal = Literal {
    name: "a time of day or a moment",
    meaning: "Hours and minutes for every day, or a date and a time for once.",
    examples: &["00:00", "2026-04-01T00:00:00Z"],
    pattern: pattern::clock,
    number: None,
};

/// `Mon-Fri`.
pub static WEEKDAYS: Literal = Literal {
    name: "a set of weekdays",
    meaning: "Days and ranges of days, set apart by commas; or daily.",
    examples: &["Mon-Fri", "Mon,Wed,Fri", "daily"],
    pattern: pattern::weekdays,
    number: None,
};

/// `09:00-17:00`.
pub static DAY_HOURS: Literal = Literal {
    name: "a range of hours",
    meaning: "From and to; several are set apart by commas. Hours past midnight belong to the day they begin on.",
    examples: &["09:00-17:00", "22:00-02:00", "09:00-12:00, 13:00-17:00"],
    pattern: pattern::hours,
    number: None,
};

/// `Europe/Dublin`.
pub static TIME_ZONE: Literal = Literal {
    name: "a time zone",
    meaning: "A name of the IANA database, or UTC; where it makes sense also local, that of each region.",
    examples: &["Europe/Dublin", "UTC"],
    pattern: pattern::time_zone,
    number: None,
};

/// All grammars.
pub static LITERALS: &[&Literal] = &[
    &DURATION,
    &RANDOM_DURATION,
    &SHARE,
    &RANDOM_SHARE,
    &AMOUNT,
    &RANDOM_AMOUNT,
    &RATE,
    &CONDITION,
    &RULE,
    &DATE,
    &DATES,
    &MOMENT,
    &CLOCK,
    &WEEKDAYS,
    &DAY_HOURS,
    &TIME_ZONE,
];

const fn dist(name: &'static str, form: &'static str, meaning: &'static str) -> DistWords {
    DistWords {
        name,
        form,
        meaning,
    }
}

/// The distributions that have a name.
pub static DISTRIBUTIONS: [DistWords; 8] = [
    dist(
        "lognormal",
        "lognormal(median=, p95=) or lognormal(mean=, sd=)",
        "skewed to the right, as delays of people and machines mostly are; what FROM to TO means, too",
    ),
    dist(
        "exp",
        "exp(mean=)",
        "without memory: how long one has waited says nothing about how long one still will",
    ),
    dist(
        "weibull",
        "weibull(shape=, scale=)",
        "time to failure: with a shape below 1 early failures are the likelier ones, above 1 late ones",
    ),
    dist(
        "gamma",
        "gamma(mean=, sd=)",
        "skewed, with a lighter tail than the lognormal",
    ),
    dist("normal", "normal(mean=, sd=)", "symmetric, cut at 0"),
    dist(
        "uniform",
        "uniform(FROM, TO)",
        "anything in between, equally likely",
    ),
    dist(
        "triangular",
        "triangular(FROM, MODE, TO)",
        "a guess by its least, likeliest and largest value",
    ),
    dist(
        "empirical",
        "empirical(FILE.csv, COLUMN)",
        "one of the values measured, drawn from a column of a file beside the scenario",
    ),
];
