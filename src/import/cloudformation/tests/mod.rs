//! Templates and what they come to.

mod alarms;
mod intrinsics;
mod others;
mod sam;

use std::collections::BTreeMap;

use crate::import::{Dwell, Imported, Input, Settings, import};

fn with(template: &str, params: &[(&str, &str)]) -> Result<Vec<Imported>, String> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings = Settings {
        params: params.iter().map(pair).collect::<BTreeMap<_, _>>(),
        ..Settings::default()
    };
    let input = Input {
        name: "template.yaml",
        bytes: template.as_bytes(),
    };
    import(&[input], None, &settings).map_err(|refusal| refusal.to_string())
}

/// The only rollout of a template.
fn one(template: &str) -> Imported {
    one_with(template, &[])
}

fn one_with(template: &str, params: &[(&str, &str)]) -> Imported {
    let mut all = with(template, params).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn refused(template: &str) -> String {
    with(template, &[]).unwrap_err()
}

/// Shares in percent and seconds.
fn stages(imported: &Imported) -> Vec<(f64, f64)> {
    let stage = |stage: &crate::import::Stage| match stage.dwell {
        Dwell::Seconds(seconds) => (stage.weight_percent, seconds),
        Dwell::Manual | Dwell::Unbounded => (stage.weight_percent, f64::INFINITY),
    };
    imported.schedule.iter().map(stage).collect()
}

/// A function whose deployment preference has these lines, with alias.
fn function(preference: &str) -> String {
    format!(
        "Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      DeploymentPreference:
{preference}
"
    )
}
