//! The steps of a canary, tick by tick.

use super::hooks::hooks;
use super::metrics::Templates;
use super::weights::Weights;
use crate::import::document::Node;
use crate::import::imported::{Dwell, Imported, Stage};
use crate::import::refusal::{At, Refusal};
use crate::import::settings::Settings;
use crate::import::strategy::{Bake, Step, Strategy};
use crate::import::toml::percent;

/// A rollout while it is put together.
pub(super) struct Rollout<'a> {
    pub(super) interval_s: f64,
    pub(super) at: At,
    pub(super) imported: &'a mut Imported,
    pub(super) strategy: Strategy,
    pub(super) settings: &'a Settings,
}

/// The kinds of analysis.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plan {
    /// Shares, one after the other.
    Canary,
    /// Matching requests, so many ticks.
    Matched(u64),
    /// Nothing, so many ticks, then everything.
    BlueGreen { ticks: u64, mesh: bool },
}

impl Rollout<'_> {
    /// Promotes without looking.
    pub(super) fn unchecked(&mut self) {
        let at = self.at;
        self.imported.maps(
            at,
            "no analysis: promoted with the first tick after the one that sees the revision",
        );
        self.lead(1.0, "pods start");
        self.everything(0.0, "promoted without analysis");
        self.imported.full_s = Some(self.interval_s);
        self.imported.done_s = Some(self.interval_s);
    }

    pub(super) fn analysed(
        &mut self,
        spec: &Node,
        analysis: &Node,
        templates: &Templates<'_>,
    ) -> Result<(), Refusal> {
        let whole = |key: &str| match analysis.get(key) {
            Some(n) => n.whole(
                &format!("analysis.{key}"),
                i64::from(i32::MIN),
                i64::from(i32::MAX),
            ),
            None => Ok(0),
        };
        let threshold = whole("threshold")?.max(1).unsigned_abs();
        let on_kubernetes = spec.text_of("provider") == Some("kubernetes");
        let has_weights = whole("stepWeight")? > 0 || !analysis.items_of("stepWeights").is_empty();
        let iterations = match whole("iterations")?.max(0).unsigned_abs() {
            0 if on_kubernetes => {
                self.imported.maps(
                    analysis.at,
                    "the provider kubernetes splits no traffic: ten iterations",
                );
                10
            }
            n => n,
        };
        let plan = match (iterations, analysis.get("match")) {
            (0, _) => Plan::Canary,
            (n, Some(_)) if !on_kubernetes => Plan::Matched(n),
            (n, _) => Plan::BlueGreen {
                ticks: n,
                mesh: !on_kubernetes,
            },
        };
        if plan != Plan::Canary && has_weights {
            self.imported
                .maps(analysis.at, "weights mean nothing beside iterations");
        }
        let mirror = analysis
            .get("mirror")
            .is_some_and(|n| n.flag("").unwrap_or(false));
        self.hooks_before(analysis);
        match plan {
            Plan::Canary => self.weights(analysis, mirror)?,
            Plan::Matched(ticks) => self.matched(analysis, ticks),
            Plan::BlueGreen { ticks, mesh } => self.blue_green(analysis, ticks, mesh),
        }
        if mirror {
            self.imported.loses(
                analysis.at,
                "mirrored requests are answered twice: they are not simulated",
            );
        }
        let watches = !matches!(plan, Plan::BlueGreen { .. });
        templates.alarms(analysis, self.interval_s, threshold, watches, self.imported);
        self.hooks_of_ticks(analysis);
        let at = analysis.at;
        let text = format!(
            "threshold {threshold}: failed checks of the whole run together, looked at a tick later"
        );
        self.imported.maps(at, text);
        self.imported.maps(
            at,
            "nothing is checked once everything is on the new version",
        );
        if let Some(affinity) = analysis.get("sessionAffinity") {
            self.imported.loses(affinity.at, "sessionAffinity keeps who saw the new version on it: more see it than the weight says");
        }
        if self.imported.manual_gates > 0 {
            self.strategy.approval = Some(self.settings.human_delay.clone());
            let text = format!(
                "a hook that confirms does so after {}",
                self.settings.human_delay
            );
            self.imported.assumes(at, text, Some("--human-delay"));
        }
        Ok(())
    }

    /// Ticks before any traffic.
    fn lead(&mut self, ticks: f64, why: &str) {
        let bake = Bake::For(ticks * self.interval_s);
        self.strategy.steps.push(Step::new(0.0, bake, self.at, why));
    }

    /// A share for a tick.
    fn tick(&mut self, share: f64, at: At, comment: String) {
        self.imported.schedule.push(Stage {
            weight_percent: share,
            dwell: Dwell::Seconds(self.interval_s),
            at,
        });
        self.strategy
            .steps
            .push(Step::new(share, Bake::For(self.interval_s), at, comment));
    }

    /// The primary has the new version, which is everything, and so many ticks are left.
    fn everything(&mut self, ticks_after: f64, comment: &str) {
        let seconds = ticks_after * self.interval_s;
        self.imported.schedule.push(Stage {
            weight_percent: 100.0,
            dwell: Dwell::Seconds(seconds),
            at: self.at,
        });
        self.strategy
            .steps
            .push(Step::new(100.0, Bake::For(seconds), self.at, comment));
    }

    fn times(&mut self, full_ticks: f64, done_ticks: f64) {
        self.imported.full_s = Some(full_ticks * self.interval_s);
        self.imported.done_s = Some(done_ticks * self.interval_s);
    }

    fn weights(&mut self, analysis: &Node, mirror: bool) -> Result<(), Refusal> {
        let weights = Weights::of(analysis)?;
        self.lead(1.0, "pods start, in the tick that sees the revision");
        if mirror {
            self.imported
                .maps(analysis.at, "mirror: one more tick before traffic");
            self.tick(0.0, analysis.at, "a tick of mirrored requests".to_owned());
        }
        if weights.ignored_max {
            self.imported.maps(
                analysis.at,
                "maxWeight means nothing beside stepWeights: the last of them counts",
            );
        }
        let increases = hooks(analysis, &["confirm-traffic-increase"]).collect::<Vec<_>>();
        for (index, weight) in weights.reached.iter().enumerate() {
            for hook in &increases {
                self.imported.manual_gates += 1;
                let before = index.checked_sub(1).map_or(0.0, |i| weights.reached[i]);
                self.strategy.steps.push(Step::new(
                    before,
                    Bake::Manual,
                    hook.at,
                    "confirm-traffic-increase",
                ));
            }
            self.tick(*weight, weights.at, format!("weight {weight}, a tick"));
        }
        let last = weights.reached.last().copied().unwrap_or(0.0);
        if weights.stuck {
            let text = "the weight never grows from here: only failed checks end it";
            self.imported.loses(weights.at, text);
            let stage = Stage {
                weight_percent: last,
                dwell: Dwell::Unbounded,
                at: weights.at,
            };
            match self.imported.schedule.last_mut() {
                Some(stage) if !weights.reached.is_empty() => stage.dwell = Dwell::Unbounded,
                _ => self.imported.schedule.push(stage),
            }
            self.strategy
                .steps
                .push(Step::new(last, Bake::Endless, weights.at, "never goes on"));
            self.everything(0.0, "never reached");
            (self.imported.full_s, self.imported.done_s) = (None, None);
            return Ok(());
        }
        self.confirmed(analysis, last);
        let n = weights.reached.len() as f64 + f64::from(u8::from(mirror));
        let back = match analysis.get("stepWeightPromotion") {
            Some(node) => match node.whole("analysis.stepWeightPromotion", 0, 100)? {
                0 => 0.0,
                s => (last / s as f64).ceil() - 1.0,
            },
            None => 0.0,
        };
        self.everything(
            2.0 + back,
            "promoted: the primary gets it, and nothing is checked any more",
        );
        self.times(n + 1.0, n + 3.0 + back);
        Ok(())
    }

    fn matched(&mut self, analysis: &Node, ticks: u64) {
        let share = self.settings.matched_percent;
        self.lead(1.0, "pods start, in the tick that sees the revision");
        let text = format!("{} of the requests match", percent(share));
        self.imported.assumes(
            analysis.get("match").map_or(analysis.at, |m| m.at),
            text,
            Some("--matched-share"),
        );
        self.iterations(analysis, ticks, share);
        self.confirmed(analysis, share);
        self.everything(
            2.0,
            "promoted: the primary gets it, and nothing is checked any more",
        );
        self.times(ticks as f64 + 1.0, ticks as f64 + 3.0);
    }

    fn iterations(&mut self, analysis: &Node, ticks: u64, share: f64) {
        const MOST: u64 = 500;
        let at = analysis.get("iterations").map_or(analysis.at, |n| n.at);
        if ticks > MOST {
            let seconds = ticks as f64 * self.interval_s;
            self.imported.schedule.push(Stage {
                weight_percent: share,
                dwell: Dwell::Seconds(seconds),
                at,
            });
            self.strategy.steps.push(Step::new(
                share,
                Bake::For(seconds),
                at,
                format!("{ticks} iterations"),
            ));
            self.imported.loses(
                at,
                "a failed check adds a tick: with so many iterations that is left out",
            );
            return;
        }
        for number in 1..=ticks {
            self.tick(share, at, format!("iteration {number} of {ticks}"));
        }
    }

    fn blue_green(&mut self, analysis: &Node, ticks: u64, mesh: bool) {
        self.lead(1.0, "pods start, in the tick that sees the revision");
        self.iterations(analysis, ticks, 0.0);
        self.confirmed(analysis, 0.0);
        let n = ticks as f64;
        let text = "at 0% no user is on the new version: metrics judge a load test, which is not simulated";
        self.imported.loses(analysis.at, text);
        if mesh {
            self.lead(0.0, "the router switches");
            self.everything(3.0, "routed, then promoted; nothing is checked any more");
            self.times(n + 1.0, n + 4.0);
        } else {
            self.lead(1.0, "a tick before promotion");
            self.everything(
                2.0,
                "promoted: the primary gets it, and nothing is checked any more",
            );
            self.times(n + 2.0, n + 4.0);
        }
    }
}
