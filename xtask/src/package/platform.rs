//! The platforms that there are archives for.

/// An operating system and an architecture.
#[derive(PartialEq)]
pub(crate) struct Platform {
    /// As Go, Kubernetes and Krew call it.
    pub(crate) os: &'static str,
    /// As Go, Kubernetes and Krew call it.
    pub(crate) arch: &'static str,
    /// As Rust calls the two. On Linux with musl, linked statically: one file that runs on every
    /// distribution, in the containers of CI jobs and on old machines.
    pub(crate) triple: &'static str,
}

pub(crate) const PLATFORMS: &[Platform] = &[
    Platform {
        os: "darwin",
        arch: "amd64",
        triple: "x86_64-apple-darwin",
    },
    Platform {
        os: "darwin",
        arch: "arm64",
        triple: "aarch64-apple-darwin",
    },
    Platform {
        os: "linux",
        arch: "amd64",
        triple: "x86_64-unknown-linux-musl",
    },
    Platform {
        os: "linux",
        arch: "arm64",
        triple: "aarch64-unknown-linux-musl",
    },
];

impl Platform {
    /// The machine that this runs on, if it is one of them.
    pub(crate) fn host() -> Option<&'static Self> {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        PLATFORMS
            .iter()
            .find(|platform| platform.os == os && platform.arch == arch)
    }

    /// Its name on the command line and in file names.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.os, self.arch)
    }

    pub(crate) fn archive_name(&self) -> String {
        format!("kubectl-lease-{}-{}.tar.gz", super::VERSION, self.name())
    }
}
