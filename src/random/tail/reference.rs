//! Values with many digits, for the tests of this module; `tests/reference/tails.py` computed them.

/// The rows of one of the files, all of whose columns are numbers.
pub fn rows<const COLUMNS: usize>(text: &str) -> Vec<[f64; COLUMNS]> {
    let rows: Vec<[f64; COLUMNS]> = text
        .lines()
        .skip(1)
        .map(|line| {
            let numbers: Vec<f64> = line.split(',').map(|x| x.parse().unwrap()).collect();
            numbers.try_into().unwrap()
        })
        .collect();
    assert!(rows.len() > 50, "{} rows only", rows.len());
    rows
}

/// Fails unless the relative error is small. A value of 0 stands for one below 1e-300.
pub fn assert_close(found: f64, wanted: f64, relative: f64, case: &dyn std::fmt::Debug) {
    let is_close = if wanted == 0.0 {
        found < 1e-299
    } else {
        (found / wanted - 1.0).abs() <= relative
    };
    assert!(is_close, "{case:?}: {found:e} is not {wanted:e}");
}
