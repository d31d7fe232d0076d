//! Worlds that come with landfall, embedded in the binary.

/// A shipped world.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name, as in `use`.
    pub name: &'static str,
    /// The file itself.
    pub text: &'static str,
}

/// The shipped worlds, by name.
pub static SHIPPED: &[Shipped] = &[
    Shipped {
        name: "aws-like",
        text: include_str!("worlds/aws-like.toml"),
    },
    Shipped {
        name: "one-cluster",
        text: include_str!("worlds/one-cluster.toml"),
    },
];

/// The shipped world of this name.
pub(super) fn shipped(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|s| s.name == name)
}
