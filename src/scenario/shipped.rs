//! Worlds that come with landfall, and parts to build others from, embedded in the binary.

/// A shipped file.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name, as in `use`.
    pub name: &'static str,
    /// The file itself.
    pub text: &'static str,
}

/// The shipped worlds, by name: each has everything but strategies.
pub static SHIPPED: &[Shipped] = &[
    Shipped {
        name: "aws-like",
        text: include_str!("worlds/aws-like.toml"),
    },
    Shipped {
        name: "azure-like",
        text: include_str!("worlds/azure-like.toml"),
    },
    Shipped {
        name: "google-like",
        text: include_str!("worlds/google-like.toml"),
    },
    Shipped {
        name: "lambda",
        text: include_str!("worlds/lambda.toml"),
    },
    Shipped {
        name: "one-cluster",
        text: include_str!("worlds/one-cluster.toml"),
    },
];

/// The shipped parts: what worlds have in common, without regions.
pub static PARTS: &[Shipped] = &[
    Shipped {
        name: "cloud-service",
        text: include_str!("worlds/cloud-service.toml"),
    },
    Shipped {
        name: "usual-faults",
        text: include_str!("worlds/usual-faults.toml"),
    },
];

/// Everything that `use` knows by name, worlds first.
pub(super) fn all() -> impl Iterator<Item = &'static Shipped> {
    SHIPPED.iter().chain(PARTS)
}

/// What is shipped under this name.
pub(super) fn shipped(name: &str) -> Option<&'static Shipped> {
    all().find(|s| s.name == name)
}
