//! Webhooks: what waits, what is a test, and what is not simulated.

use super::rollout::Rollout;
use crate::import::document::Node;
use crate::import::refusal::short;
use crate::import::strategy::{Bake, Step, Test};

impl Rollout<'_> {
    /// Hooks that hold the rollout up before traffic.
    pub(super) fn hooks_before(&mut self, analysis: &Node) {
        for hook in hooks(analysis, &["confirm-rollout"]) {
            self.imported.manual_gates += 1;
            self.imported.maps(
                hook.at,
                "confirm-rollout: an approval before anything starts",
            );
            self.strategy
                .steps
                .push(Step::new(0.0, Bake::Manual, hook.at, "confirm-rollout"));
        }
        for hook in hooks(analysis, &["pre-rollout"]) {
            let name = hook.text_of("name").unwrap_or("pre-rollout").to_owned();
            self.imported.maps(
                hook.at,
                format!("pre-rollout `{}`: a test before traffic", short(&name)),
            );
            let text = format!(
                "pre-rollout `{}`: it is asked again, and each failure counts towards the threshold",
                short(&name)
            );
            self.imported.loses(hook.at, text);
            let taken = self.strategy.tests.iter().any(|t| t.name == name);
            self.strategy.tests.push(Test {
                name: if taken {
                    format!("{name} (line {})", hook.at.line)
                } else {
                    name
                },
                after_traffic: false,
                takes: "0s".to_owned(),
                at: hook.at,
                comment: "pre-rollout webhook".to_owned(),
            });
        }
    }

    /// The hook that promotion waits for.
    pub(super) fn confirmed(&mut self, analysis: &Node, share: f64) {
        for hook in hooks(analysis, &["confirm-promotion"]) {
            self.imported.manual_gates += 1;
            self.imported
                .maps(hook.at, "confirm-promotion: an approval before everything");
            self.strategy
                .steps
                .push(Step::new(share, Bake::Manual, hook.at, "confirm-promotion"));
        }
    }

    /// Hooks that are called in ticks, or after all of them.
    pub(super) fn hooks_of_ticks(&mut self, analysis: &Node) {
        for hook in hooks(analysis, &["rollout", "rollback", "post-rollout"]) {
            let kind = hook.text_of("type").unwrap_or("rollout");
            let name = short(hook.text_of("name").unwrap_or(""));
            let text = match kind {
                "rollback" => format!("rollback `{name}`: who calls it is not known"),
                "post-rollout" => {
                    self.imported.maps(
                        hook.at,
                        format!("post-rollout `{name}`: after the end, of no effect"),
                    );
                    continue;
                }
                _ => format!(
                    "webhook `{name}`: what it finds out in each tick, or what it sends, is not simulated"
                ),
            };
            self.imported.loses(hook.at, text);
        }
    }
}

/// Webhooks of these types; none stated is `rollout`.
pub fn hooks<'n>(analysis: &'n Node, types: &'n [&'n str]) -> impl Iterator<Item = &'n Node> {
    let of_type = move |hook: &&Node| types.contains(&hook.text_of("type").unwrap_or("rollout"));
    analysis.items_of("webhooks").iter().filter(of_type)
}
