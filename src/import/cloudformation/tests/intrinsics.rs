//! Functions, parameters and conditions of templates.

use super::*;

const HEAD: &str = "Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  Kind: { Type: String }
  Looked: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /path }
  Listed: { Type: CommaDelimitedList, Default: 'AllAtOnce, Canary10Percent5Minutes' }
Mappings:
  Kinds:
    dev: { shift: AllAtOnce, same: Canary10Percent5Minutes }
    prod: { shift: Canary10Percent10Minutes, same: Canary10Percent5Minutes }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  IsKnown: !Equals [!Ref Kind, x]
  Either: !Or [!Condition IsKnown, !Condition IsDev]
  Both: !And [!Condition IsKnown, !Condition IsProd]
  Ring: !Not [!Condition Gnir]
  Gnir: !Not [!Condition Ring]
";

fn full(kind: &str, params: &[(&str, &str)]) -> Result<f64, String> {
    let template = HEAD.to_owned() + &function(&format!("        Type: {kind}"));
    let all = with(&template, params)?;
    Ok(all[0].full_s.unwrap())
}

#[test]
fn functions_in_short_and_long_form_are_resolved() {
    let prod = &[("Stage", "prod")][..];
    for (kind, dev_s, prod_s) in [
        (
            "!If [IsProd, Canary10Percent5Minutes, AllAtOnce]",
            0.0,
            300.0,
        ),
        (
            "{ 'Fn::If': [IsDev, AllAtOnce, Canary10Percent5Minutes] }",
            0.0,
            300.0,
        ),
        (
            "{ '!If': [IsDev, AllAtOnce, Canary10Percent5Minutes] }",
            0.0,
            300.0,
        ),
        ("!FindInMap [Kinds, !Ref Stage, shift]", 0.0, 600.0),
        (
            "!If [IsProd, !FindInMap [Kinds, prod, same], AllAtOnce]",
            0.0,
            300.0,
        ),
        ("!Join ['', [Canary10, Percent5, Minutes]]", 300.0, 300.0),
        ("!Select [1, !Ref Listed]", 300.0, 300.0),
        ("!Select [0, !Split ['|', 'AllAtOnce|x']]", 0.0, 0.0),
        (
            "!Sub ['Canary${a}Percent${b}Minutes', { a: 10, b: !If [IsProd, 5, 10] }]",
            600.0,
            300.0,
        ),
        // What is not known does not matter where the rest settles it.
        (
            "!If [Either, AllAtOnce, Canary10Percent5Minutes]",
            0.0,
            f64::NAN,
        ),
        (
            "!If [Both, Canary10Percent5Minutes, AllAtOnce]",
            0.0,
            f64::NAN,
        ),
        ("!If [IsKnown, AllAtOnce, AllAtOnce]", 0.0, 0.0),
        ("!FindInMap [Kinds, !Ref Kind, same]", 300.0, 300.0),
    ] {
        assert_eq!(full(kind, &[]), Ok(dev_s), "{kind}");
        if prod_s.is_nan() {
            assert!(full(kind, prod).is_err(), "{kind}");
        } else {
            assert_eq!(full(kind, prod), Ok(prod_s), "{kind}");
        }
    }
}

#[test]
fn what_stays_open_says_what_would_close_it() {
    for (kind, reason) in [
        (
            "!Ref Kind",
            "the parameter `Kind` has no default: give --param Kind=VALUE",
        ),
        (
            "!Ref Looked",
            "the parameter `Looked` is looked up when it is deployed",
        ),
        (
            "!Ref AWS::Region",
            "`AWS::Region` is not known: give --param AWS::Region=VALUE",
        ),
        (
            "!If [IsKnown, AllAtOnce, Canary10Percent5Minutes]",
            "the parameter `Kind` has no default",
        ),
        (
            "!If [Missing, AllAtOnce, x]",
            "there is no condition `Missing` in the file",
        ),
        ("!If [Ring, AllAtOnce, x]", "refers to itself"),
        (
            "!FindInMap [Kinds, !Ref Kind, shift]",
            "the parameter `Kind` has no default",
        ),
        (
            "!FindInMap [Kinds, test, shift]",
            "the mapping `Kinds` has no `test` with `shift`",
        ),
        ("!ImportValue x", "it comes from another stack"),
        ("!GetAtt F.Arn", "`F.Arn` is known only once it is deployed"),
        (
            "!Transform x",
            "`Transform` with what is given to it there is not resolved",
        ),
    ] {
        let error = full(kind, &[]).unwrap_err();
        assert!(error.contains(reason), "{kind}: {error}");
        assert!(error.starts_with("template.yaml:"), "{error}");
    }
    assert_eq!(full("!Ref Kind", &[("Kind", "AllAtOnce")]), Ok(0.0));
    assert_eq!(
        full("!Ref AWS::Region", &[("AWS::Region", "AllAtOnce")]),
        Ok(0.0)
    );
}

#[test]
fn a_parameter_takes_what_it_allows_and_a_default_is_told() {
    let error = full("AllAtOnce", &[("Stage", "test")]).unwrap_err();
    assert!(
        error.contains("the parameter Stage does not allow `test`"),
        "{error}"
    );
    assert!(error.contains("give one of dev, prod"), "{error}");
    // Both functions ask the same condition, and each is told what it rests on.
    let kind = "!If [IsProd, AllAtOnce, AllAtOnce]";
    let two = HEAD.to_owned()
        + &function(&format!("        Type: {kind}"))
        + &function(&format!("        Type: {kind}"))
            .replace("Resources:\n", "")
            .replace("  F:", "  G:");
    for imported in with(&two, &[]).unwrap() {
        let told =
            |note: &crate::import::Note| note.text == "the parameter Stage has its default, `dev`";
        assert!(imported.assumptions.iter().any(told), "{imported:?}");
    }
}

#[test]
fn a_resource_without_its_condition_is_not_there() {
    let template = |condition: &str| {
        HEAD.to_owned()
            + &function("        Type: AllAtOnce")
                .replace("  F:\n", &format!("  F:\n    Condition: {condition}\n"))
    };
    assert!(with(&template("IsProd"), &[]).is_err());
    assert!(with(&template("IsDev"), &[]).is_ok());
    let unknown = one(&template("IsKnown"));
    let told =
        |note: &crate::import::Note| note.text.starts_with("F is deployed, which is not known");
    assert!(unknown.assumptions.iter().any(told));
}

#[test]
fn functions_that_grow_without_end_are_given_up() {
    let mut kind = "x".to_owned();
    for _ in 0..25 {
        kind = format!("!Sub ['${{a}}${{a}}${{a}}${{a}}', {{ a: {kind} }}]");
    }
    let begun = std::time::Instant::now();
    assert!(full(&kind, &[]).is_err());
    assert!(begun.elapsed().as_secs_f64() < 1.0, "{:?}", begun.elapsed());
}
