//! What worlds say, in sentences.

use super::Drawn;
use crate::report::basis::grouped;
use crate::report::quantity::Quantity;
use crate::report::section::Form;
use crate::stats::clopper_pearson;
use crate::summary::worlds::{Duel, Figure, Split};

/// Rivals that a leader is set against in words.
const MOST_RIVALS: usize = 6;

impl Drawn<'_> {
    /// The answers, and what they rest on.
    pub fn notes(&self, form: Form) -> Vec<String> {
        let mut notes = self.answers();
        notes.push(self.dependence());
        notes.push(format!(
            "{} worlds, in each of which {} are drawn from their ranges{}, and {} rollouts of each strategy, the same \
             changes everywhere. Seed {}.",
            grouped(self.worlds.len() as u64),
            self.guesses(),
            match self.without_range {
                0 => String::new(),
                1 => " (1 guess has none and stays)".to_owned(),
                n => format!(" ({} guesses have none and stay)", grouped(n as u64)),
            },
            grouped(self.runs),
            self.seed
        ));
        let below = match form {
            Form::Terminal => "Below",
            Form::Markdown => "In brackets",
        };
        notes.push(format!(
            "{below}: worlds in which no other's {} interval meets its own, and the figures of nine tenths of the worlds. \
             More --runs make more worlds tell; low and high are the quarters of the worlds with the smallest and \
             largest draws.",
            self.level()
        ));
        notes
    }

    fn level(&self) -> String {
        Quantity::Share.text(self.level).replace(".0%", "%")
    }

    fn guesses(&self) -> String {
        match self.inputs.len() {
            1 => "1 guess".to_owned(),
            n => format!("{} guesses", grouped(n as u64)),
        }
    }

    /// For each figure the leader against the others; of the blast radius against each of them.
    pub fn answers(&self) -> Vec<String> {
        let mut answers = Vec::new();
        for figure in Figure::ALL {
            let Some((leader, Some(rival))) = self.worlds.leaders(figure) else {
                continue;
            };
            let others = (0..self.strategies.len()).filter(|&s| s != leader && s != rival);
            let rivals = match figure {
                Figure::BlastRadius => std::iter::once(rival)
                    .chain(others)
                    .take(MOST_RIVALS)
                    .collect(),
                _ => vec![rival],
            };
            for rival in rivals {
                answers.extend(self.answer(figure, leader, rival));
            }
        }
        answers
    }

    fn answer(&self, figure: Figure, a: usize, b: usize) -> Option<String> {
        let duel = self.worlds.duel(figure, a, b);
        if duel.worlds == 0 {
            return None;
        }
        let (name, other) = (&self.strategies[a], &self.strategies[b]);
        let (what, of) = (figure.words(), grouped(duel.worlds));
        if duel.smaller == 0 {
            return Some(format!(
                "{name} has the smaller {what} than {other} in none of {of} worlds{}.",
                same(duel)
            ));
        }
        let (low, high) = clopper_pearson(duel.smaller, duel.worlds, self.level);
        let mut sentence = format!(
            "{name} has the smaller {what} than {other} in {} of {of} worlds (of all such worlds {}), beyond noise in {}{}",
            grouped(duel.smaller),
            Quantity::Share.range(low, high),
            grouped(duel.clearly_smaller),
            match duel.clearly_larger {
                0 => String::new(),
                n => format!(", and the larger one beyond noise in {}", grouped(n)),
            }
        );
        sentence.push_str(&same(duel));
        if let Some(split) = self.worlds.split(figure, a, b) {
            sentence.push_str(&self.what_separates(split));
        }
        sentence.push('.');
        Some(sentence)
    }

    /// What the other worlds have in common.
    fn what_separates(&self, split: Split) -> String {
        let input = &self.inputs[split.input];
        let side = if split.is_above { "above" } else { "below" };
        let which = match (split.others_on_side, split.others) {
            (a, b) if a == b => format!("the {} others have", grouped(b)),
            (a, b) => format!("of the {} others {} have", grouped(b), grouped(a)),
        };
        format!(
            "; {which} {} {side} {}, as {} of all worlds do",
            input.name(),
            input.measure.text(split.threshold),
            grouped(split.side)
        )
    }

    /// How many inputs matter.
    fn dependence(&self) -> String {
        let Some(&leader) = self.told().first() else {
            return "No strategy has a blast radius in these worlds.".to_owned();
        };
        let swings = self.worlds.swings(Figure::BlastRadius, leader);
        let real = swings.iter().filter(|s| s.is_beyond_chance).count();
        let of = format!(
            "the {} of {} depends",
            Figure::BlastRadius.words(),
            self.strategies[leader]
        );
        match real {
            0 => format!(
                "On none of {} {of} by more than {} worlds can show.",
                self.guesses(),
                self.worlds.len()
            ),
            n => format!(
                "Of {} {of} on {} by more than chance; the others may matter less than {} worlds can show.",
                self.guesses(),
                grouped(n as u64),
                self.worlds.len()
            ),
        }
    }
}

fn same(duel: Duel) -> String {
    match duel.worlds - duel.smaller - duel.larger {
        0 => String::new(),
        n => format!(", the same one in {}", grouped(n)),
    }
}
