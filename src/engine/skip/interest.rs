//! How likely a bucket is that some alarm could mind, and drawing one that is, or is not.
//!
//! The buckets that matter are covered by *tails*: many bad requests, few requests, a background far from its mean.
//! Each has a probability and a sampler of its own. Buckets are proposed with the sum of the tails' probabilities
//! (times a bound), a tail is chosen by its part of that sum, a bucket drawn from it, and accepted with one over the
//! number of tails that the bucket lies in: so every bucket of their union comes with its own probability, however the
//! tails overlap.

use std::ops::Range;

use smallvec::SmallVec;

use super::super::bucket::BucketLaws;
use super::cover::{MOST, cover};
use super::question::{Asked, Askers};
use super::tail::Tail;
use crate::random::Stream;

/// The buckets that matter, under one law.
#[derive(Clone, Debug, Default)]
pub(super) struct Interest {
    tails: Vec<(Tail, f64)>,
    /// Sum of the tails' probabilities, at least the probability of their union; 1 if every bucket matters.
    pub(super) chance: f64,
}

/// Drawing cells of buckets that lie in no tail.
#[derive(Debug)]
pub(super) struct Others<'a> {
    laws: &'a BucketLaws,
    reading: usize,
    sli: Option<usize>,
    /// Whether the SLIs depend on each other.
    tied: bool,
    /// SLIs that are drawn together with the cell.
    drawn: Range<usize>,
    /// What they must not lie in.
    about: SmallVec<[&'a Tail; 8]>,
}

impl Others<'_> {
    /// Draws the cell in a row, with what the tails say of its SLI.
    pub(super) fn draw(&self, row: &mut [f64], stream: &mut Stream) {
        let slis = self.laws.noise.len();
        let counts = self.laws.requests.len() * (1 + slis);
        let noise = counts..counts + slis;
        let is_told = |tail: &&Tail| tail.is_drawn(&row[..counts], &row[noise.clone()]);
        if !self.about.iter().all(is_told) {
            loop {
                for tail in &self.about {
                    tail.draw_what_tells(self.laws, row, stream);
                }
                let (counts, noise) = row.split_at(counts);
                if !self
                    .about
                    .iter()
                    .any(|tail| tail.holds(counts, &noise[..slis]))
                {
                    break;
                }
                self.laws.forget(self.drawn.clone(), self.tied, row);
            }
        }
        self.laws.draw_cell(self.reading, self.sli, row, stream);
    }
}

impl Interest {
    /// Of all that `askers` ask, under a law. `side_by_side`: whether old and new version are. Tails that together are no
    /// more likely than `negligible` are left out.
    pub(super) fn of(
        asked: &[Asked],
        askers: Askers,
        side_by_side: bool,
        laws: &BucketLaws,
        negligible: f64,
    ) -> Interest {
        let mut interest = Interest::default();
        // So that all of them together, two or three a question, are negligible.
        let least = negligible / (4.0 * asked.len() as f64);
        let of_them = asked.iter().filter(|a| a.by.meets(askers));
        for asked in of_them.filter(|a| side_by_side || !a.side_by_side) {
            let Some(tails) = cover(&asked.question, laws) else {
                return Interest::everything();
            };
            for (tail, chance) in tails {
                if chance > least {
                    interest.push(tail, chance);
                }
            }
            if interest.chance > MOST {
                return Interest::everything();
            }
        }
        interest
    }

    fn everything() -> Interest {
        Interest {
            tails: Vec::new(),
            chance: 1.0,
        }
    }

    /// Whether every bucket has to be looked at.
    pub(super) fn is_everything(&self) -> bool {
        self.chance >= 1.0
    }

    fn push(&mut self, tail: Tail, chance: f64) {
        if !self.tails.iter().any(|(t, _)| *t == tail) {
            self.tails.push((tail, chance));
            self.chance += chance;
        }
    }

    /// How to draw a reading's requests and its bad ones on an SLI of buckets that lie in no tail.
    pub(super) fn others<'a>(
        &'a self,
        laws: &'a BucketLaws,
        reading: usize,
        sli: Option<usize>,
    ) -> Others<'a> {
        let slis = laws.noise.len();
        let tails = || self.tails.iter().map(|(tail, _)| tail);
        // Numbers of requests that are drawn, or asked for, tie the SLIs together.
        let is_drawn = |reading| laws.certain_requests(reading).is_none();
        let tied = tails().any(|tail| tail.sli().is_none() || tail.reading().is_some_and(is_drawn));
        let drawn = if tied {
            0..slis
        } else {
            sli.map_or(0..0, |sli| sli..sli + 1)
        };
        let is_about = |tail: &&Tail| tail.sli().is_none_or(|sli| drawn.contains(&sli));
        Others {
            about: tails().filter(is_about).collect(),
            laws,
            reading,
            sli,
            tied,
            drawn,
        }
    }

    /// Tries to draw a bucket that lies in some tail; on failure the bucket lies in none.
    pub(super) fn draw_one(
        &self,
        laws: &BucketLaws,
        stream: &mut Stream,
        row: &mut [f64],
        noise: &mut Vec<f64>,
    ) -> bool {
        let mut left = stream.uniform() * self.chance;
        let chosen = self.tails.iter().find(|(_, chance)| {
            left -= chance;
            left < 0.0
        });
        let (tail, _) = chosen
            .or(self.tails.last())
            .expect("a bucket is proposed only where there are tails");
        if !tail.draw(laws, stream, row, noise) {
            return false;
        }
        let overlapping = self.tails.iter().filter(|(t, _)| t.holds(row, noise));
        let overlapping = overlapping.count();
        overlapping <= 1 || stream.chance(1.0 / overlapping as f64)
    }
}
