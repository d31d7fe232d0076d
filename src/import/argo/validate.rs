//! What Argo Rollouts would refuse.

use crate::import::document::Node;
use crate::import::refusal::{Refusal, short};

/// Rules of a Rollout's spec that hold whatever its strategy is.
pub fn spec(spec: &Node) -> Result<(), Refusal> {
    let seconds = |key: &str, default: i64| match spec.get(key) {
        Some(node) => node.whole(&format!("spec.{key}"), 0, i64::from(i32::MAX)),
        None => Ok(default),
    };
    let (ready, deadline) = (
        seconds("minReadySeconds", 0)?,
        seconds("progressDeadlineSeconds", 600)?,
    );
    if ready >= deadline {
        let at = spec.get("minReadySeconds").map_or(spec.at, |n| n.at);
        let rule = format!(
            "minReadySeconds ({ready}) must be less than progressDeadlineSeconds ({deadline})"
        );
        return Err(Refusal::new(at, rule));
    }
    if let Some(containers) = spec.at_path("template.spec.containers") {
        containers.items().iter().try_for_each(resources)?;
    }
    Ok(())
}

fn resources(container: &Node) -> Result<(), Refusal> {
    for kind in ["requests", "limits"] {
        let Some(amounts) = container.at_path(&format!("resources.{kind}")) else {
            continue;
        };
        for entry in amounts.entries() {
            let text = entry.value.as_text().unwrap_or("");
            if !is_quantity(text) && !text.contains("{{") {
                let rule = format!(
                    "resources.{kind}.{} is no quantity: `{}`",
                    short(&entry.key),
                    short(text)
                );
                return Err(
                    Refusal::new(entry.value.at, rule).mend("write one such as 128Mi or 500m")
                );
            }
        }
    }
    Ok(())
}

/// A number with a suffix of Kubernetes, such as `128Mi`, `500m` or `1e3`.
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(digits);
    let is_number = number.bytes().any(|b| b.is_ascii_digit()) && number.matches('.').count() <= 1;
    let suffixes = [
        "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
    ];
    let is_exponent = suffix
        .strip_prefix(['e', 'E'])
        .is_some_and(|e| e.parse::<i32>().is_ok());
    is_number && (suffixes.contains(&suffix) || is_exponent)
}

/// Rules of `canary` but for its steps.
pub fn canary(canary: &Node) -> Result<(), Refusal> {
    canary.table("canary")?;
    let is_zero = |key: &str| {
        let text = canary.text_of(key).unwrap_or("25%");
        matches!(text.trim_end_matches('%'), "0")
    };
    if is_zero("maxSurge") && is_zero("maxUnavailable") {
        let at = canary.get("maxSurge").map_or(canary.at, |n| n.at);
        return Err(Refusal::new(
            at,
            "maxSurge and maxUnavailable are both 0, so no pod could ever be replaced",
        ));
    }
    let routing = canary.get("trafficRouting");
    if routing.is_none() {
        for key in [
            "scaleDownDelaySeconds",
            "abortScaleDownDelaySeconds",
            "dynamicStableScale",
            "minPodsPerReplicaSet",
        ] {
            if let Some(node) = canary.get(key)
                && node.as_text() != Some("false")
            {
                return Err(Refusal::new(
                    node.at,
                    format!("canary.{key} needs trafficRouting"),
                ));
            }
        }
    }
    if let Some(services) = canary.get("pingPong") {
        let routed = routing.is_some_and(|r| {
            ["alb", "istio", "plugins"]
                .iter()
                .any(|k| r.get(k).is_some())
        });
        if !routed {
            let rule = "canary.pingPong works with the traffic routers ALB and Istio only";
            return Err(
                Refusal::new(services.at, rule).mend("add trafficRouting, or remove pingPong")
            );
        }
        let (ping, pong) = (
            services.text_of("pingService"),
            services.text_of("pongService"),
        );
        if ping.is_none() || pong.is_none() || ping == pong {
            return Err(Refusal::new(
                services.at,
                "canary.pingPong needs two services, pingService and pongService",
            ));
        }
    }
    if let (Some(dynamic), Some(delay)) = (
        canary.get("dynamicStableScale"),
        canary.get("scaleDownDelaySeconds"),
    ) && dynamic.flag("canary.dynamicStableScale")?
    {
        return Err(Refusal::new(
            delay.at,
            "canary.scaleDownDelaySeconds does not go with dynamicStableScale",
        ));
    }
    Ok(())
}

/// Extra traffic to an experiment's pods is known to some routers only.
pub fn experiment(experiment: &Node, routing: Option<&Node>) -> Result<(), Refusal> {
    let knows = routing.is_some_and(|r| {
        ["alb", "istio", "smi", "plugins"]
            .iter()
            .any(|k| r.get(k).is_some())
    });
    for template in experiment.items_of("templates") {
        if let Some(weight) = template.get("weight")
            && !knows
        {
            let rule = "an experiment's template has a weight only with the traffic routers ALB, Istio, SMI and plugins";
            return Err(Refusal::new(weight.at, rule).mend("remove the weight"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_those_of_kubernetes() {
        for text in ["1", "0.5", "500m", "128Mi", "1e3", "+1", ".5", "2E"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "invalid", "1x", "Mi", "1.2.3", "1 Gi"] {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
