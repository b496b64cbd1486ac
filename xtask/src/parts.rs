//! The programs in Go that the tests drive: a real API server, a real kubectl, real peers.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;

use crate::{program, workspace};

/// Build the Go parts of the tests into target/parts
///
/// The first build takes minutes; Go's build cache makes the next ones a matter of seconds.
#[derive(clap::Args)]
pub(crate) struct Args {}

struct Part {
    name: &'static str,
    /// The Go module, a folder below `tests/go`.
    module: &'static str,
    /// What to build of it.
    package: &'static str,
    /// Whether it carries Kubernetes' own version, which clients parse.
    versioned: bool,
}

const PARTS: &[Part] = &[
    Part {
        name: "apiserver",
        module: "apiserver",
        package: ".",
        versioned: true,
    },
    Part {
        name: "kubectl",
        module: "apiserver",
        package: "k8s.io/kubernetes/cmd/kubectl",
        versioned: true,
    },
    Part {
        // In the module of the server, with which it shares most of what is compiled.
        name: "etcdctl",
        module: "apiserver",
        package: "go.etcd.io/etcd/etcdctl/v3",
        versioned: false,
    },
    Part {
        name: "elector",
        module: "peers",
        package: "./elector",
        versioned: false,
    },
    Part {
        name: "leaselocker",
        module: "peers",
        package: "./leaselocker",
        versioned: false,
    },
    Part {
        name: "configmaplock",
        module: "peers",
        package: "./configmaplock",
        versioned: false,
    },
    Part {
        name: "krew",
        module: "krew",
        package: "sigs.k8s.io/krew/cmd/krew",
        versioned: false,
    },
    Part {
        name: "validate-krew-manifest",
        module: "krew",
        package: "sigs.k8s.io/krew/cmd/validate-krew-manifest",
        versioned: false,
    },
];

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let Args {} = args;
    let folder = workspace::parts()?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    for (number, part) in PARTS.iter().enumerate() {
        println!("[{}/{}] {} ...", number + 1, PARTS.len(), part.name);
        let start = Instant::now();
        build(part, &folder).with_context(|| format!("cannot build {}", part.name))?;
        println!(
            "[{}/{}] {}: {:.1} s",
            number + 1,
            PARTS.len(),
            part.name,
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

fn build(part: &Part, folder: &Path) -> anyhow::Result<()> {
    let module = workspace::root().join("tests/go").join(part.module);
    // No symbol table and no debugging data: half the size, and less to link.
    let mut linker = "-s -w".to_owned();
    if part.versioned {
        linker.push_str(&version_flags(&module)?);
    }
    program::run(
        program::go()
            .current_dir(&module)
            // A workspace file above this one would replace the pinned versions.
            .env("GOWORK", "off")
            // With the commit inside, every commit would mean linking again.
            .args(["build", "-buildvcs=false", "-ldflags", &linker, "-o"])
            .arg(folder.join(part.name))
            .arg(part.package),
    )
}

/// What Kubernetes' own build sets, taken from the version that go.mod names.
fn version_flags(module: &Path) -> anyhow::Result<String> {
    let version = program::read(
        program::go()
            .current_dir(module)
            .env("GOWORK", "off")
            .args(["list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"]),
    )?;
    let mut numbers = version.trim_start_matches('v').split('.');
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
        anyhow::bail!("{version} is not a version of Kubernetes");
    };
    let set = "-X k8s.io/component-base/version";
    Ok(format!(
        " {set}.gitVersion={version} {set}.gitMajor={major} {set}.gitMinor={minor}"
    ))
}
