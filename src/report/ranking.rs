//! The ranking in words: only what holds after the correction for many pairs.

use super::basis::{Basis, grouped};
use super::quantity::{Quantity, share_at_most};
use crate::stats::{Estimate, Sample, weighted_chance};
use crate::summary::{Known, Pair, Ranking, Sampling, Standing};

/// Most sentences of one kind: whoever compares hundreds reads `pairs.csv`.
const MOST: usize = 12;
/// The relative difference of which it is said how many rollouts would show it.
const SHOWN: f64 = 0.05;
/// An interval's half-width has to be this part of a difference for the interval to leave out 0 with a chance of 80%:
/// 1.96 / (1.96 + 0.84).
const FOR_POWER: f64 = 0.7;

/// What is claimed, at a glance: a sentence each.
pub fn words(ranking: &Ranking, basis: &Basis) -> Vec<String> {
    if ranking.pairs.is_empty() {
        return Vec::new();
    }
    let front = ranking.front();
    let mut sentences = Vec::new();
    let steps = front.windows(2);
    let trades = steps.map(|pair| of_neighbours(ranking, basis, pair[0], pair[1]));
    cut(&mut sentences, trades, "pairs");
    cut(
        &mut sentences,
        dominated(ranking).into_iter(),
        "groups of dominated strategies",
    );
    if ranking.left_out > 0 {
        sentences.push(format!(
            "The last {} strategies are not compared pair by pair, for there are too many.",
            ranking.left_out
        ));
    }
    sentences
}

/// What the claims rest on, and what sampling saved.
pub fn footing(ranking: &Ranking, basis: &Basis) -> Vec<String> {
    if ranking.pairs.is_empty() {
        return Vec::new();
    }
    let mut sentences = vec![format!(
        "Over all pairs ({}) and both figures together any wrong claim has a chance of at most {} (Holm); all pairs are in \
         pairs.csv.",
        ranking.pairs.len(),
        Quantity::Share.text(1.0 - basis.level).replace(".0%", "%"),
    )];
    let (rows, all) = (ranking.rows.1, basis.rollouts(true));
    if rows < all {
        sentences.push(format!(
            "Differences of quantiles rest on the first {} faulty rollouts.",
            grouped(rows)
        ));
    }
    sentences.extend(savings(ranking, basis));
    sentences
}

/// What common random numbers and strata are worth.
fn savings(ranking: &Ranking, basis: &Basis) -> Option<String> {
    let common = ranking.variance_left.map(|left| {
        format!(
            "Common random numbers leave {} of the variance of a difference in mean blast radius (median over pairs).",
            Quantity::Share.text(left)
        )
    });
    let worths: Vec<String> = ranking
        .worth
        .iter()
        .map(|w| format!("{} for {}", grouped(two_digits(w.rollouts)), known(w.of)))
        .collect();
    let strata = (!worths.is_empty()).then(|| {
        format!(
            "In strata, these {} rollouts are worth about as many plain ones as: {}.",
            grouped(basis.runs),
            and(&worths)
        )
    });
    let sentences: Vec<String> = [common, strata].into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// What a figure is called.
fn known(of: Known) -> &'static str {
    match of {
        Known::BlastRadiusP99 => "the p99 blast radius",
        Known::BlastRadiusMean => "the mean blast radius",
        Known::BadRequests => "bad requests a month",
        Known::TimeToFull => "the median time to full",
        Known::NeverDetected => "the chance to be never detected",
        Known::StoppedByChance => "the chance to be stopped by chance",
    }
}

/// The least chance that a run of this size can bound, in words.
pub fn smallest_chance(basis: &Basis) -> Option<String> {
    let unseen = unseen(basis)?;
    Some(format!(
        "What never came up among {} faulty rollouts may still have a chance of up to {} among faulty changes.",
        grouped(basis.rollouts(true)),
        share_at_most(unseen.high)
    ))
}

/// The interval of what never came up among faulty changes: the rule of three, over strata.
pub(super) fn unseen(basis: &Basis) -> Option<Estimate> {
    let faulty = basis
        .strata
        .iter()
        .filter(|s| s.is_faulty && s.weight > 0.0);
    let sample = |weight, n| Sample {
        weight,
        n,
        applicable: n,
        hits: 0,
    };
    let samples: Vec<Sample> = match basis.sampling {
        Sampling::Stratified => faulty.map(|s| sample(s.weight, s.rollouts)).collect(),
        Sampling::Plain => vec![sample(1.0, faulty.map(|s| s.rollouts).sum())],
    };
    if samples.iter().all(|s| s.n == 0) {
        return None;
    }
    weighted_chance(&samples, basis.level)
}

/// What the radius is called.
pub fn radius_name(by_mean: bool) -> &'static str {
    if by_mean {
        "mean blast radius"
    } else {
        "p99 blast radius"
    }
}

/// What is to be gained and paid between two that none dominates, the first as fast as the second by its figure.
fn of_neighbours(ranking: &Ranking, basis: &Basis, fast: usize, slow: usize) -> String {
    let (radius, time) = ranking.standing(slow, fast);
    let name = |s: usize| quoted(&ranking.strategies[s].name);
    let (fast_name, slow_name) = (name(fast), name(slow));
    let of = radius_name(ranking.by_mean);
    let figures = |a: usize, b: usize| {
        let text = |s: usize| match ranking.strategies[s].radius {
            Some(e) => Quantity::Share.text(e.value),
            None => String::new(),
        };
        format!("({} against {})", text(a), text(b))
    };
    let later = || slower(ranking, fast, slow);
    let unknown = |is_time| sought(ranking, basis, fast, slow, is_time);
    match (radius, time) {
        (Standing::Better, Standing::Worse) => format!(
            "{slow_name} is better than {fast_name} on {of} {} and slower by {}.",
            figures(slow, fast),
            later()
        ),
        (Standing::Better, _) => format!(
            "{slow_name} is better than {fast_name} on {of} {}; in time to full: {}.",
            figures(slow, fast),
            unknown(true)
        ),
        (Standing::Worse, _) => format!(
            "{fast_name} is better than {slow_name} on {of} {}; in time to full: {}.",
            figures(fast, slow),
            unknown(true)
        ),
        (_, Standing::Worse) => format!(
            "{fast_name} is faster than {slow_name} by {}; in {of}: {}.",
            later(),
            unknown(false)
        ),
        (_, Standing::Better) => format!(
            "{slow_name} is faster than {fast_name} by {}; in {of}: {}.",
            slower(ranking, slow, fast),
            unknown(false)
        ),
        (Standing::Same, Standing::Same) => {
            format!("{fast_name} and {slow_name} came to the same in every rollout.")
        }
        _ => format!(
            "{fast_name} and {slow_name} are not told apart: in {of} {}; in time to full {}.",
            unknown(false),
            unknown(true)
        ),
    }
}

/// By how much the second is slower than the first: the interval of the difference.
fn slower(ranking: &Ranking, fast: usize, slow: usize) -> String {
    let Some(e) = difference(ranking, slow, fast, true) else {
        return "an unknown time".to_owned();
    };
    let (low, high) = (e.low.max(0.0), e.high);
    let text = |x| Quantity::Duration.text(x);
    if low == f64::INFINITY {
        "for ever: it does not get everywhere in the median".to_owned()
    } else if high == f64::INFINITY {
        format!("{} or more", text(low))
    } else if text(low) == text(high) {
        text(low)
    } else {
        format!("{} to {}", text(low), text(high))
    }
}

/// What the one has more than the other in a headline figure.
fn difference(ranking: &Ranking, one: usize, other: usize, is_time: bool) -> Option<Estimate> {
    let statistic = match (is_time, ranking.by_mean) {
        (true, _) => ("time_to_full_s", "p50"),
        (false, false) => ("blast_radius", "p99"),
        (false, true) => ("blast_radius", "mean"),
    };
    let is_pair = |p: &&Pair| (p.a, p.b) == (one, other) || (p.b, p.a) == (one, other);
    let pair = ranking.pairs.iter().find(is_pair)?;
    let mut figures = pair.figures.iter();
    let figure = figures.find(|f| (f.metric, f.statistic.as_str()) == statistic)?;
    let e = figure.estimate;
    Some(if pair.a == one {
        e
    } else {
        Estimate {
            value: -e.value,
            low: -e.high,
            high: -e.low,
            ..e
        }
    })
}

/// What a difference that was not found says.
fn sought(ranking: &Ranking, basis: &Basis, a: usize, b: usize, is_time: bool) -> String {
    let (radius, time) = ranking.standing(a, b);
    if (if is_time { time } else { radius }) == Standing::Same {
        return "the same in every rollout".to_owned();
    }
    let none = format!("no difference found in {} rollouts", grouped(basis.runs));
    let figure = |s: usize| {
        let ranked = &ranking.strategies[s];
        let figure = if is_time { ranked.time } else { ranked.radius };
        figure.map_or(0.0, |e| e.value)
    };
    let wanted = SHOWN * figure(a).max(figure(b));
    let Some(e) = difference(ranking, a, b, is_time) else {
        return none;
    };
    let half = (e.high - e.value).max(e.value - e.low);
    let (rows, all) = if is_time {
        (ranking.rows.0, basis.rollouts(false))
    } else {
        (ranking.rows.1, basis.rollouts(true))
    };
    // Differences of quantiles rest on rows kept, which may be fewer than there are.
    let kept = if ranking.by_mean && !is_time {
        1.0
    } else {
        rows as f64 / all.max(1) as f64
    };
    let ratio = half / (FOR_POWER * wanted);
    if !ratio.is_finite() || half == 0.0 {
        return none;
    }
    let enough = basis.runs as f64 * kept * ratio * ratio;
    let shown = Quantity::Share.text(SHOWN).replace(".0%", "%");
    if enough <= basis.runs as f64 {
        format!("{none}, where one of {shown} would likely have shown")
    } else {
        format!(
            "{none}; about {} would show one of {shown}",
            grouped(two_digits(enough))
        )
    }
}

/// Who is dominated by whom, those with the same answer together.
fn dominated(ranking: &Ranking) -> Vec<String> {
    let front = ranking.front();
    let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for s in 0..ranking.strategies.len() {
        // Of those in the front, which say most; a chain of claims always ends there.
        let by: Vec<usize> = front
            .iter()
            .copied()
            .filter(|&other| ranking.is_dominated(s, other))
            .collect();
        if by.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == by) {
            Some((_, members)) => members.push(s),
            None => groups.push((by, vec![s])),
        }
    }
    let names = |places: &[usize]| -> String {
        let names = places.iter().map(|&s| quoted(&ranking.strategies[s].name));
        and(&names.collect::<Vec<_>>())
    };
    let sentence = |(by, members): &(Vec<usize>, Vec<usize>)| {
        let verb = if members.len() == 1 { "is" } else { "are" };
        format!("{} {verb} dominated by {}.", names(members), names(by))
    };
    groups.iter().map(sentence).collect()
}

/// Adds as many as are read, and says how many there are besides.
fn cut(sentences: &mut Vec<String>, all: impl ExactSizeIterator<Item = String>, what: &str) {
    let more = all.len().saturating_sub(MOST);
    sentences.extend(all.take(MOST));
    if more > 0 {
        sentences.push(format!("{more} more {what} are in pairs.csv."));
    }
}

/// A number of rollouts to two digits.
fn two_digits(x: f64) -> u64 {
    let unit = libm::pow(10.0, libm::floor(libm::log10(x.max(1.0))) - 1.0).max(1.0);
    (libm::round(x / unit) * unit) as u64
}

pub(super) fn quoted(name: &str) -> String {
    format!("“{name}”")
}

/// Things in a row, with "and" before the last; many are cut short.
pub(super) fn and(texts: &[String]) -> String {
    if texts.len() > MOST {
        return format!(
            "{} and {} more",
            texts[..MOST].join(", "),
            texts.len() - MOST
        );
    }
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::summary::example::{estimate, plan, shipped, undetected};
    use crate::summary::{PairFigure, Ranked, Summary, Worth};

    /// Strategies of a name, hours and a radius; differences are known to an hour and to a radius of 0.01.
    pub(in crate::report) fn ranking<N: AsRef<str>>(strategies: &[(N, f64, f64)]) -> Ranking {
        let mut ranking = Ranking {
            rows: (50, 100),
            variance_left: Some(0.25),
            worth: vec![
                Worth {
                    of: Known::BlastRadiusP99,
                    rollouts: 612.0,
                },
                Worth {
                    of: Known::BadRequests,
                    rollouts: 12_345.0,
                },
            ],
            ..Ranking::default()
        };
        for &(ref name, hours, radius) in strategies {
            ranking.strategies.push(Ranked {
                name: name.as_ref().to_owned(),
                time: Some(estimate(3_600.0 * hours, 60.0)),
                radius: Some(estimate(radius, 0.02)),
            });
        }
        for (a, x) in strategies.iter().enumerate() {
            for (b, y) in strategies.iter().enumerate().skip(a + 1) {
                let (time, radius) = (
                    estimate(3_600.0 * (x.1 - y.1), 3_600.0),
                    estimate(x.2 - y.2, 0.01),
                );
                let standing = |e: Estimate| match e {
                    e if e.value == 0.0 => Standing::Same,
                    e if e.high < 0.0 => Standing::Better,
                    e if e.low > 0.0 => Standing::Worse,
                    _ => Standing::Open,
                };
                let figure = |metric, statistic: &str, estimate| PairFigure {
                    group: "faulty",
                    metric,
                    statistic: statistic.to_owned(),
                    unit: "",
                    estimate,
                    p_holm: Some(0.5),
                };
                ranking.pairs.push(Pair {
                    a,
                    b,
                    radius: standing(radius),
                    time: standing(time),
                    figures: vec![
                        figure("blast_radius", "p99", radius),
                        figure("time_to_full_s", "p50", time),
                    ],
                });
            }
        }
        ranking
    }

    /// Sixty strategies, each slower and safer than the one before it.
    pub(in crate::report) fn sixty() -> Vec<(String, f64, f64)> {
        (0..60)
            .map(|i| {
                let (hours, radius) = (3.0 * f64::from(i), 0.9 - 0.015 * f64::from(i));
                (format!("s{i}"), hours, radius)
            })
            .collect()
    }

    /// 50 fault-free and 100 faulty rollouts.
    pub(in crate::report) fn basis() -> Basis {
        let plan = plan(0.04, &[1.0, 3.0], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        for i in 0..50 {
            summary.add(0, &shipped(i));
            summary.add(0, &undetected(0, i));
            summary.add(0, &undetected(1, i));
        }
        Basis::new(&plan, &summary, 7, 150)
    }

    fn said<N: AsRef<str>>(strategies: &[(N, f64, f64)]) -> Vec<String> {
        words(&ranking(strategies), &basis())
    }

    #[test]
    fn a_trade_and_who_is_dominated_are_said_in_words() {
        assert_eq!(
            said(&[
                ("A", 12.0, 0.021),
                ("B", 2.0, 0.084),
                ("C", 20.0, 0.2),
                ("D", 21.0, 0.2)
            ]),
            [
                "“A” is better than “B” on p99 blast radius (2.1% against 8.4%) and slower by 9h to 11h.",
                "“C” and “D” are dominated by “B” and “A”."
            ]
        );
    }

    #[test]
    fn what_was_not_found_is_said_with_what_would_show_it() {
        // Half a width of 0.01 where 0.05 * 0.2 * 0.7 is wanted: 150 * (10/7)^2.
        assert_eq!(
            said(&[("A", 12.0, 0.195), ("B", 2.0, 0.2)]),
            [
                "“B” is faster than “A” by 9h to 11h; in p99 blast radius: no difference found in 150 rollouts; about 310 \
                 would show one of 5%."
            ]
        );
        let open = said(&[("A", 2.5, 0.895), ("B", 2.0, 0.9)]);
        assert!(
            open[0].starts_with(
                "“B” and “A” are not told apart: in p99 blast radius no difference found in 150 rollouts, where one of 5% \
                 would likely have shown; in time to full no difference found in 150 rollouts; about "
            ),
            "{open:?}"
        );
        assert_eq!(
            said(&[("A", 2.0, 0.5), ("B", 2.0, 0.5)]),
            ["“A” and “B” came to the same in every rollout."]
        );
    }

    #[test]
    fn equal_on_one_axis_and_better_on_the_other_dominates() {
        assert_eq!(
            said(&[("A", 2.0, 0.5), ("B", 2.0, 0.6)]),
            ["“B” is dominated by “A”."]
        );
    }

    #[test]
    fn many_are_cut_short_and_one_says_nothing() {
        let sentences = said(&sixty());
        assert_eq!(sentences.len(), MOST + 1);
        assert_eq!(sentences[MOST], "47 more pairs are in pairs.csv.");
        assert_eq!(said(&[("A", 2.0, 0.5)]), [""; 0]);
    }

    #[test]
    fn the_footing_tells_what_sampling_is_worth() {
        let found = footing(&ranking(&[("A", 2.0, 0.5), ("B", 3.0, 0.6)]), &basis());
        assert_eq!(
            found,
            [
                "Over all pairs (1) and both figures together any wrong claim has a chance of at most 5% (Holm); all pairs \
                 are in pairs.csv."
                    .to_owned(),
                "Common random numbers leave 25.0% of the variance of a difference in mean blast radius (median over pairs). \
                 In strata, these 150 rollouts are worth about as many plain ones as: 610 for the p99 blast radius and \
                 12,000 for bad requests a month."
                    .to_owned(),
            ]
        );
    }

    #[test]
    fn the_smallest_chance_is_that_of_a_count_of_nothing() {
        // Never seen among 50 and 50: less than what one of them alone would exclude, 3.6% among 100.
        let bound = unseen(&basis()).unwrap();
        assert_eq!(bound.value, 0.0);
        assert!(bound.high > 0.036 && bound.high < 0.072, "{bound:?}");
        let told = smallest_chance(&basis()).unwrap();
        assert!(told.contains("among 100 faulty rollouts"), "{told}");
    }
}
