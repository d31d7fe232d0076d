//! Deployments of AWS AppConfig.
//!
//! Source: AppConfig User Guide, "Working with deployment strategies", with the predefined ones.

use super::attach::attach;
use super::plan::{Notes, Plan, Problem};
use super::template::{Resource, Template};
use super::value::Value;

/// The type of deployments.
pub(super) const DEPLOYMENT: &str = "AWS::AppConfig::Deployment";
/// The type of strategies.
pub(super) const STRATEGY: &str = "AWS::AppConfig::DeploymentStrategy";
const ENVIRONMENT: &str = "AWS::AppConfig::Environment";

/// How a configuration reaches its clients.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Growth {
    /// The first share, in percent.
    factor: f64,
    /// Whether shares double, instead of growing by the same.
    doubles: bool,
    minutes: f64,
    bake_minutes: f64,
}

const fn growth(factor: f64, doubles: bool, minutes: f64, bake_minutes: f64) -> Growth {
    Growth {
        factor,
        doubles,
        minutes,
        bake_minutes,
    }
}

static PREDEFINED: [(&str, Growth); 4] = [
    ("AppConfig.AllAtOnce", growth(100.0, false, 0.0, 10.0)),
    (
        "AppConfig.Linear50PercentEvery30Seconds",
        growth(50.0, false, 1.0, 1.0),
    ),
    (
        "AppConfig.Linear20PercentEvery6Minutes",
        growth(20.0, false, 30.0, 30.0),
    ),
    (
        "AppConfig.Canary10Percent20Minutes",
        growth(10.0, true, 20.0, 10.0),
    ),
];

impl Growth {
    /// Shares in percent and how long each is kept, in seconds. The time is spread evenly over the steps, all of
    /// the clients among them, and the bake follows.
    fn stages(self) -> Vec<(f64, f64)> {
        let mut shares = Vec::new();
        let mut share = self.factor;
        while share < 100.0 && shares.len() < 999 {
            shares.push(share);
            share = if self.doubles {
                share * 2.0
            } else {
                self.factor * (shares.len() + 1) as f64
            };
        }
        let each_s = self.minutes * 60.0 / (shares.len() + 1) as f64;
        let mut stages: Vec<(f64, f64)> = shares.into_iter().map(|share| (share, each_s)).collect();
        stages.push((100.0, each_s + self.bake_minutes * 60.0));
        stages
    }
}

/// The rollout of a deployment, by its strategy.
pub(super) fn deployment(template: &Template<'_>, resource: Resource<'_>) -> Result<Plan, Problem> {
    let name = resource.name;
    let at = resource.raw.at;
    let properties = template.table_of(resource)?;
    let Some(written) = properties.get("DeploymentStrategyId") else {
        return Err(Problem::new(
            at,
            format!("{name} has no `DeploymentStrategyId`"),
        ));
    };
    let mut notes = Notes::default();
    let referred = written
        .text()
        .and_then(|text| template.resource(text.resource.as_deref()?));
    let growth = match referred.filter(|resource| resource.kind == STRATEGY) {
        Some(strategy) => of(template, strategy, &mut notes)?,
        None => {
            let id = written.known()?;
            let predefined = PREDEFINED.iter().find(|(name, _)| *name == id);
            let Some((_, growth)) = predefined else {
                let text =
                    format!("the deployment strategy {id} is neither predefined nor in this file");
                return Err(Problem::new(written.at, text));
            };
            *growth
        }
    };
    let mut plan = Plan::new(name, "a configuration", at, &growth.stages());
    plan.notes = notes;
    monitors(template, &properties, name, &mut plan);
    Ok(plan)
}

/// The rollout that a strategy describes, where no deployment uses it.
pub(super) fn strategy(template: &Template<'_>, resource: Resource<'_>) -> Result<Plan, Problem> {
    let mut notes = Notes::default();
    let growth = of(template, resource, &mut notes)?;
    let mut plan = Plan::new(
        resource.name,
        "a configuration",
        resource.raw.at,
        &growth.stages(),
    );
    plan.notes = notes;
    Ok(plan)
}

fn of(
    template: &Template<'_>,
    resource: Resource<'_>,
    notes: &mut Notes,
) -> Result<Growth, Problem> {
    let at = resource.raw.at;
    let properties = template.properties(resource);
    let need = |key: &str| {
        let value = properties.as_ref().and_then(|all| all.get(key));
        value.ok_or_else(|| Problem::new(at, format!("{} has no `{key}`", resource.name)))
    };
    let minutes = f64::from(need("DeploymentDurationInMinutes")?.whole(0, 1_440)?);
    let factor = need("GrowthFactor")?;
    let percent = factor.number()?;
    if !(1.0..=100.0).contains(&percent) {
        let text = format!("{percent} is no growth factor from 1 to 100");
        return Err(Problem::new(factor.at, text));
    }
    let kind = properties.as_ref().and_then(|all| all.get("GrowthType"));
    let doubles = match kind.map_or(Ok("LINEAR"), Value::known)? {
        "LINEAR" => false,
        "EXPONENTIAL" => {
            notes.assume(
                at,
                "shares double at even distances over the deployment's time",
            );
            true
        }
        other => {
            return Err(Problem::new(
                at,
                format!("`{other}` is neither LINEAR nor EXPONENTIAL"),
            ));
        }
    };
    let bake = properties
        .as_ref()
        .and_then(|all| all.get("FinalBakeTimeInMinutes"));
    let bake_minutes = match bake {
        Some(value) => f64::from(value.whole(0, 1_440)?),
        None => 0.0,
    };
    Ok(growth(percent, doubles, minutes, bake_minutes))
}

/// The alarms of the environment.
fn monitors(template: &Template<'_>, properties: &Value, name: &str, plan: &mut Plan) {
    let environment = properties.get("EnvironmentId").and_then(Value::text);
    let environment = environment
        .and_then(|text| template.resource(text.resource.as_deref()?))
        .filter(|resource| resource.kind == ENVIRONMENT);
    let Some(environment) = environment else {
        return;
    };
    let list = environment
        .raw
        .get("Properties")
        .map(|raw| template.resolve(raw));
    let Some(list) = list.as_ref().and_then(|all| all.get("Monitors")) else {
        return;
    };
    attach(template, Some(&list.picked("AlarmArn")), name, plan);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_growth_reaches_all_a_step_before_its_time_is_over() {
        // 20% every 6 minutes over 30: all at minute 24, then 6 minutes more and the bake.
        let (_, linear) = PREDEFINED[2];
        let expected = [
            (20.0, 360.0),
            (40.0, 360.0),
            (60.0, 360.0),
            (80.0, 360.0),
            (100.0, 360.0 + 1_800.0),
        ];
        assert_eq!(linear.stages(), expected);
    }

    #[test]
    fn an_exponential_growth_doubles() {
        let shares: Vec<f64> = growth(2.0, true, 70.0, 0.0)
            .stages()
            .iter()
            .map(|s| s.0)
            .collect();
        assert_eq!(shares, [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 100.0]);
        assert_eq!(growth(100.0, false, 0.0, 10.0).stages(), [(100.0, 600.0)]);
    }
}
