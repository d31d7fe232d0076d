//! How the figures were made, in a page: method, references, how to repeat it, and what words mean.

use super::element::{Element, el};
use super::tables::{Plain, plain};
use crate::calendar::tzdb_version;
use crate::report::basis::{Basis, grouped, sampling_name};
use crate::report::manifest::InputFile;
use crate::report::quantity::Quantity;
use crate::summary::Sampling;

/// What the figures rest on, and how they are made; how strategies are compared where they are.
pub(super) fn method(basis: &Basis, compares: bool) -> Vec<Element> {
    let level = basis.level_text();
    let sampling = match basis.sampling {
        Sampling::Stratified => {
            "Changes are of kinds, the strata: fault-free, or with one class of fault. Each stratum has its own number of \
             rollouts, so that rare faults are seen often enough; figures over several strata combine them with the chances \
             that the scenario gives (the weights below), and so estimate what would be seen of changes as they come."
        }
        Sampling::Plain => {
            "Each rollout draws its kind of change (its stratum: fault-free, or with one class of fault) with the chances \
             that the scenario gives. Figures over several strata are over all that came."
        }
    };
    let paragraphs = [
        sampling.to_owned(),
        "All strategies meet the same changes: a rollout of a stratum and number has the same fault, delays and incidents \
         under each (common random numbers), so that a difference between strategies is less a matter of luck. Draws are \
         keyed by seed and name: the same version, files and seed give the same figures for any number of threads."
            .to_owned(),
        format!(
            "Each figure comes with its {level} interval. That of a chance is Clopper and Pearson's [1], exact for one \
             stratum; over several strata their intervals are melded [2], the sum taken as the larger of two approximations by \
             its moments [3], and widened where not every rollout counts [4]. Coverage at or above the level is proved for one \
             stratum, and found in every case tried for several. That of a quantile makes no assumption on the distribution: \
             order statistics [5], over strata the inversion of the bounds on the distribution function [6]. That of a mean has \
             the farther ends of two: Student's t over strata [4] with Welch's and Satterthwaite's degrees of freedom [7], and \
             Hall's, which takes out skewness [8]; of heavy tails it knows what was seen of them. Four times the rollouts about halve an interval."
        ),
        format!(
            "The mean over the worst hundredth (cvar99) splits the value at the p99 [9].{}",
            if compares { comparing(basis) } else { String::new() }
        ),
        "A figure that reads “never”: what never happened took infinitely long, and quantiles count it so; means are over \
         the finite values. “<” before a chance: it never came up, and the bound is the end of its interval; “>”: it always \
         did. A dash: there is no such figure."
            .to_owned(),
    ];
    let rows = basis.strata.iter().map(|s| {
        vec![
            s.name.clone(),
            Quantity::Share.text(s.weight),
            grouped(s.rollouts),
        ]
    });
    let strata = plain(&Plain {
        id: "strata",
        caption: "Strata: the chance that a change falls into each, and its rollouts under each strategy",
        headings: &["stratum", "weight", "rollouts"],
        numbers: 1..3,
        strategy: None,
        rows: rows.collect(),
    });
    let mut parts: Vec<Element> = paragraphs.into_iter().map(|p| el("p").text(p)).collect();
    parts.push(strata);
    parts
}

fn comparing(basis: &Basis) -> String {
    format!(
        " Strategies are compared on pairs of rollouts that met the same change: means by the differences [4], quantiles by \
         resampling pairs within strata [10], chances by the pairs that disagree [11] [12]. What is said of who is better, \
         faster or dominated is corrected over all pairs and both headline figures [13]: any wrong claim among them has a \
         chance of at most {}.",
        Quantity::Share.text(1.0 - basis.level).replace(".0%", "%")
    )
}

/// How many of [`REFERENCES`] the method names where nothing is compared.
const WITHOUT_COMPARISON: usize = 9;

/// What the intervals are taken from, in the order in which the method names them.
pub(super) const REFERENCES: [&str; 13] = [
    "C. J. Clopper and E. S. Pearson, “The use of confidence or fiducial limits illustrated in the case of the binomial”, \
     Biometrika 26, 1934.",
    "M. P. Fay, M. A. Proschan and E. Brittain, “Combining one-sample confidence procedures for inference in the two-sample \
     case”, Biometrics 71, 2015.",
    "E. B. Wilson and M. M. Hilferty, “The distribution of chi-square”, Proceedings of the National Academy of Sciences 17, \
     1931.",
    "W. G. Cochran, “Sampling Techniques”, 3rd edition, Wiley, 1977, section 6.11.",
    "H. A. David and H. N. Nagaraja, “Order Statistics”, 3rd edition, Wiley, 2003, section 7.1.",
    "R. J. Serfling, “Approximation Theorems of Mathematical Statistics”, Wiley, 1980, section 2.6.",
    "F. E. Satterthwaite, “An approximate distribution of estimates of variance components”, Biometrics Bulletin 2, 1946.",
    "P. Hall, “On the removal of skewness by transformation”, Journal of the Royal Statistical Society B 54, 1992.",
    "R. T. Rockafellar and S. Uryasev, “Conditional value-at-risk for general loss distributions”, Journal of Banking and \
     Finance 26, 2002.",
    "B. Efron, “Bootstrap methods: another look at the jackknife”, Annals of Statistics 7, 1979.",
    "Q. McNemar, “Note on the sampling error of the difference between correlated proportions or percentages”, Psychometrika \
     12, 1947.",
    "G. Y. Zou and A. Donner, “Construction of confidence limits about effect measures”, Statistics in Medicine 27, 2008.",
    "S. Holm, “A simple sequentially rejective multiple test procedure”, Scandinavian Journal of Statistics 6, 1979.",
];

/// Those that [`method`] names, as a numbered list.
pub(super) fn references(compares: bool) -> Element {
    let named = if compares {
        REFERENCES.len()
    } else {
        WITHOUT_COMPARISON
    };
    let item = |reference: &&str| el("li").text(*reference);
    el("ol")
        .with("class", "references")
        .children(REFERENCES[..named].iter().map(item))
}

/// How to get the same figures again.
pub(super) fn repeating(basis: &Basis, command: &str) -> Vec<Element> {
    let facts = [
        ("version", format!("landfall {}", env!("CARGO_PKG_VERSION"))),
        ("seed", basis.seed.to_string()),
        ("rollouts of each strategy", grouped(basis.runs)),
        ("sampling", sampling_name(basis.sampling).to_owned()),
        ("level of intervals", basis.level_text()),
        ("time zone database", tzdb_version().to_owned()),
    ];
    let facts = facts
        .into_iter()
        .flat_map(|(name, value)| [el("dt").text(name), el("dd").text(value)]);
    vec![
        el("p").text("With the files above, this gives the same figures to the bit:"),
        el("pre")
            .with("tabindex", "0")
            .child(el("code").text(command)),
        el("dl").with("class", "facts").children(facts),
        el("p")
            .text("When it was run, and the command as it was typed, are in ")
            .child(el("code").text("manifest.json"))
            .text(" beside this page; every figure is in ")
            .child(el("code").text("summary.csv"))
            .text("."),
    ]
}

/// The files that were read.
pub(super) fn files(files: &[InputFile]) -> Element {
    let rows = files.iter().map(|file| {
        let origin = if file.shipped {
            "comes with landfall"
        } else {
            "given"
        };
        vec![file.name.clone(), origin.to_owned(), file.sha256.clone()]
    });
    plain(&Plain {
        id: "files",
        caption: "Files that the scenario was read from",
        headings: &["file", "origin", "SHA-256"],
        numbers: 0..0,
        strategy: None,
        rows: rows.collect(),
    })
}

/// Words and what they mean.
pub(super) fn glossary(terms: &[(String, String)]) -> Element {
    let entries = terms
        .iter()
        .flat_map(|(term, meaning)| [el("dt").text(term.clone()), marked(el("dd"), meaning)]);
    el("dl").with("class", "glossary").children(entries)
}

/// A text in which what stands between backticks is code.
fn marked(element: Element, text: &str) -> Element {
    let pieces = text.split('`').enumerate();
    pieces.fold(element, |element, (i, piece)| match i % 2 {
        0 => element.text(piece),
        _ => element.child(el("code").text(piece)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ranking::tests::basis;

    #[test]
    fn references_are_those_of_the_code() {
        let code = [
            include_str!("../../stats/chance.rs"),
            include_str!("../../stats/mean.rs"),
            include_str!("../../stats/quantile.rs"),
            include_str!("../../stats/cvar.rs"),
            include_str!("../../stats/bootstrap.rs"),
            include_str!("../../stats/paired.rs"),
        ]
        .concat();
        for reference in REFERENCES {
            let (authors, work) = reference.split_once(", “").unwrap();
            let surname = authors
                .split([',', ' '])
                .find(|word| word.len() > 2)
                .unwrap();
            assert!(code.contains(surname), "{surname}");
            let year = work
                .split([' ', ',', '.'])
                .rev()
                .find(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()));
            assert!(code.contains(year.unwrap()), "{reference}");
        }
    }

    #[test]
    fn the_references_are_those_that_the_method_names() {
        for compares in [true, false] {
            let mut text = String::new();
            for part in method(&basis(), compares) {
                part.write(&mut text);
            }
            let mut list = String::new();
            references(compares).write(&mut list);
            let listed = list.matches("<li>").count();
            assert!(listed > 0);
            for number in 1..=REFERENCES.len() {
                let is_named = text.contains(&format!("[{number}]"));
                assert_eq!(is_named, number <= listed, "{compares} [{number}]");
            }
        }
    }

    #[test]
    fn code_in_a_text_is_marked() {
        let mut text = String::new();
        marked(el("dd"), "the share: `bad`.").write(&mut text);
        assert_eq!(text, "<dd>the share: <code>bad</code>.</dd>\n");
    }
}
