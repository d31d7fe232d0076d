//! What a datapoint that ends at some moment says.

use std::rc::Rc;

use super::buckets::{bucket_s, correlation};
use super::datapoint::{Question, Verdicts, Window};
use super::follow::is_plain;
use super::gate::Gate;
use super::mixture::{Mixture, Scatter};
use super::stage::Piece;
use super::window::{Gathered, Still};
use crate::plan::Alarm;

impl Gate<'_> {
    /// What the datapoint says that ends at `end`, if the defect is awake from `live_s` on.
    pub(super) fn verdicts(
        &self,
        alarm: &Alarm,
        question: &Question,
        end: f64,
        live_s: f64,
        defect: f64,
    ) -> Result<Verdicts, String> {
        let from = end - f64::from(alarm.window_s);
        let now = self.course.before(end);
        if let Some(piece) = now.filter(|p| p.from_s <= from || is_plain(alarm, defect)) {
            let awake = live_s <= from;
            if awake || live_s >= end || defect == 0.0 {
                return self.steady(alarm, question, piece, awake, defect);
            }
        }
        // Those of few requests and no control take little work.
        let is_costly = alarm.condition.is_relative() || alarm.window_s > alarm.every_s;
        if self.whole_windows && is_costly {
            return Ok(Verdicts::default());
        }
        let Some(window) = self.window(alarm, from, end, live_s, defect) else {
            return Ok(Verdicts::default());
        };
        self.asked(alarm, question, window, defect)
    }

    /// The same where nothing changes in the window.
    pub(super) fn steady(
        &self,
        alarm: &Alarm,
        question: &Question,
        piece: &Piece,
        awake: bool,
        defect: f64,
    ) -> Result<Verdicts, String> {
        let defect_awake = if awake { defect } else { 0.0 };
        let key = (
            alarm.key,
            alarm.window_s,
            piece.from_s.to_bits(),
            defect_awake.to_bits(),
        );
        if let Some(known) = self.steady.borrow().get(&key) {
            return Ok(*known);
        }
        let at = piece.from_s.max(0.0);
        let live = if awake {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
        let still = Still { piece: *piece };
        let window = self.gather(
            alarm,
            at,
            at + f64::from(alarm.window_s),
            live,
            defect,
            &still,
        );
        let found = self.asked(alarm, question, window, defect)?;
        self.steady.borrow_mut().insert(key, found);
        Ok(found)
    }

    fn asked(
        &self,
        alarm: &Alarm,
        question: &Question,
        window: Gathered,
        defect: f64,
    ) -> Result<Verdicts, String> {
        let sli = alarm.condition.sli();
        let correlation = sli.map_or(0.0, |k| self.correlation(alarm, k));
        let mut law = vec![window.buckets.into(), alarm.window_s.into()];
        law.extend([window.own.sure, window.control.sure]);
        law.extend(
            [
                window.own.mean,
                window.control.mean,
                window.excess,
                window.share,
                correlation,
            ]
            .map(f64::to_bits),
        );
        let key = (alarm.origin, alarm.key, law);
        if let Some(known) = self.memory.verdicts.borrow().get(&key) {
            return Ok(*known);
        }
        let base = sli.map_or(0.0, |k| self.plan.slis[k].base);
        let bad = window.own.expected() * (base + defect);
        let background = sli.map_or_else(
            || Rc::new(vec![(0.0, 1.0)]),
            |k| self.background(alarm, k, window.buckets, bad),
        );
        let relative = alarm.condition.is_relative();
        if relative && alarm.probes.is_some() {
            return Err("probes have no control".to_owned());
        }
        let law = Window {
            own: window.own,
            control: window.control,
            excess: window.excess,
            share: window.share,
            background: background.to_vec(),
        };
        self.memory.spend(question.terms(&law))?;
        let found = question.verdicts(&law);
        self.memory.verdicts.borrow_mut().insert(key, found);
        Ok(found)
    }

    fn correlation(&self, alarm: &Alarm, sli: usize) -> f64 {
        let bucket = bucket_s(&self.strategy.alarms, alarm);
        let dispersion = self.plan.slis[sli].dispersion;
        correlation(&self.plan.fleet, alarm, self.region, dispersion, bucket)
    }

    /// How the background of a window scatters.
    fn background(&self, alarm: &Alarm, sli: usize, buckets: u32, bad: f64) -> Rc<Mixture> {
        let base = self.plan.slis[sli].base;
        let Some(scatter) = Scatter::of(base, self.correlation(alarm, sli)) else {
            return Rc::new(vec![(base, 1.0)]);
        };
        let finest: f64 = if alarm.condition.is_relative() {
            5.0
        } else {
            20.0
        };
        // Within a factor of two the same values do.
        let sharp = libm::exp2(libm::ceil(libm::log2(bad.max(1.0))));
        let key = vec![
            scatter.a.to_bits(),
            scatter.b.to_bits(),
            buckets.into(),
            sharp.to_bits(),
            finest.to_bits(),
        ];
        let mut known = self.memory.mixtures.borrow_mut();
        known
            .entry(key)
            .or_insert_with(|| Rc::new(scatter.of_mean(buckets, sharp, finest)))
            .clone()
    }
}
