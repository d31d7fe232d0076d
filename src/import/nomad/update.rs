//! The `update` block: what a group says itself goes before what its job says, key by key.

use crate::import::document::Node;
use crate::import::duration::go_duration_s;
use crate::import::refusal::{At, Refusal};

/// How an update goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Where the block is, of the group before that of the job.
    pub at: Option<At>,
    /// Allocations that are replaced at a time; 0 for all, without a deployment.
    pub max_parallel: u64,
    /// New allocations beside the old ones.
    pub canary: u64,
    /// Whether healthy canaries are promoted by themselves.
    pub auto_promote: bool,
    /// Whether a deployment that fails goes back.
    pub auto_revert: bool,
    /// Seconds that an allocation has to be healthy.
    pub min_healthy_s: f64,
    /// Who says that one is.
    pub health: Health,
}

/// Who says that an allocation is healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Checks or states of tasks.
    Checked,
    /// Somebody, by the API.
    Manual,
}

/// A value by its name in HCL, or in the JSON of the API: `min_healthy_time` is `MinHealthyTime` there.
pub fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).or_else(|| {
        let mut camel = String::with_capacity(name.len());
        for word in name.split('_') {
            let (first, rest) = word.split_at(1);
            camel.push_str(&first.to_ascii_uppercase());
            camel.push_str(rest);
        }
        node.get(&camel)
    })
}

impl Update {
    /// The block that holds for a group, with Nomad's defaults and its own checks.
    pub fn read(job: &Node, group: &Node) -> Result<Update, Refusal> {
        const DEFAULT_HEALTHY_S: f64 = 10.0;
        const DEFAULT_DEADLINE_S: f64 = 300.0;
        const DEFAULT_PROGRESS_S: f64 = 600.0;
        let both = [field(group, "update"), field(job, "update")];
        for block in both.iter().flatten() {
            block.table("update")?;
        }
        let get = |name: &str| both.iter().flatten().find_map(|block| field(block, name));
        let whole = |name: &str, default: u64| match get(name) {
            Some(n) => n.whole(name, 0, 1_000_000).map(i64::unsigned_abs),
            None => Ok(default),
        };
        let flag = |name: &str| get(name).map_or(Ok(false), |n| n.flag(name));
        let seconds = |name: &str, default: f64| match get(name) {
            Some(n) => duration_s(n, name),
            None => Ok(default),
        };
        let update = Update {
            at: both.iter().flatten().next().map(|block| block.at),
            max_parallel: whole("max_parallel", 1)?,
            canary: whole("canary", 0)?,
            auto_promote: flag("auto_promote")?,
            auto_revert: flag("auto_revert")?,
            min_healthy_s: seconds("min_healthy_time", DEFAULT_HEALTHY_S)?,
            health: match get("health_check") {
                None => Health::Checked,
                Some(n) => match n.as_text().unwrap_or("") {
                    "" | "checks" | "task_states" => Health::Checked,
                    "manual" => Health::Manual,
                    _ => return Err(n.wrong("health_check", "checks, task_states or manual")),
                },
            },
        };
        if update.max_parallel == 0 {
            return Ok(update);
        }
        if update.auto_promote && update.canary == 0 {
            let at = get("auto_promote").map_or(group.at, |n| n.at);
            return Err(Refusal::new(
                at,
                "auto_promote needs a canary of more than 0",
            ));
        }
        let deadline_s = seconds("healthy_deadline", DEFAULT_DEADLINE_S)?;
        let progress_s = seconds("progress_deadline", DEFAULT_PROGRESS_S)?;
        let at = |name: &str| get(name).or(both[0]).or(both[1]).map_or(group.at, |n| n.at);
        if update.min_healthy_s >= deadline_s {
            let rule = format!(
                "min_healthy_time ({} s) must be less than healthy_deadline ({deadline_s} s)",
                update.min_healthy_s
            );
            return Err(Refusal::new(at("min_healthy_time"), rule));
        }
        if progress_s != 0.0 && deadline_s >= progress_s {
            let rule = format!(
                "healthy_deadline ({deadline_s} s) must be less than progress_deadline ({progress_s} s)"
            );
            return Err(Refusal::new(at("healthy_deadline"), rule));
        }
        Ok(update)
    }
}

/// Seconds of a duration; a bare number is nanoseconds, as in the JSON of the API.
fn duration_s(node: &Node, name: &str) -> Result<f64, Refusal> {
    const NANOSECONDS: f64 = 1e-9;
    let text = node.as_text().unwrap_or("");
    let seconds = match text.parse::<u64>() {
        Ok(nanoseconds) => go_duration_s(&format!("{nanoseconds}ns"))
            .map(|_| nanoseconds as f64 * NANOSECONDS)
            .map(|s| (s * 1e9).round() / 1e9),
        Err(_) => go_duration_s(text),
    };
    seconds.ok_or_else(|| node.wrong(name, "a duration such as `10s`"))
}
