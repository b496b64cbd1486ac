//! The archives of a release, and how Krew finds them.

mod archive;
mod compile;
mod contents;
mod krew_manifest;
mod platform;
mod zig;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::Compression;

use self::archive::Entry;
use self::compile::Profile;
use self::krew_manifest::{Archive, Place};
use self::platform::{PLATFORMS, Platform};
use crate::workspace;

/// A release's program has fewer bytes than this: it is downloaded at 3 a.m., too.
const MOST_BYTES: u64 = 20_000_000;
/// What is packaged. All of the workspace has one version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Make the archives of a release in target/package, and krew-manifest.yaml
///
/// Every platform is built on Linux or macOS; CONTRIBUTING.md tells how a release goes. The same
/// source gives the same archives.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The address of the folder that the archives will be downloaded from
    #[arg(
        long,
        value_name = "URL",
        default_value = krew_manifest::UNPUBLISHED,
        value_parser = krew_manifest::address
    )]
    base_url: String,

    /// The address of the project, for the manifest
    #[arg(long, value_name = "URL", value_parser = krew_manifest::address)]
    homepage: Option<String>,

    /// Where the manifest goes instead of krew-manifest.yaml
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Build nothing: write the manifest for the archives that are there
    #[arg(long)]
    manifest_only: bool,

    /// Where the archives go instead of target/package
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// How to build
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,

    /// What to build for, instead of all: darwin-amd64, darwin-arm64, linux-amd64, linux-arm64, host
    ///
    /// `host` is this machine, with its own compiler and C library: quick, but not for others.
    #[arg(long, value_delimiter = ',', value_name = "PLATFORM")]
    target: Vec<Target>,
}

/// What is built.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    Host(&'static Platform),
    Release(&'static Platform),
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => workspace::target()?.join("package"),
    };
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let targets = if args.target.is_empty() {
        PLATFORMS.iter().map(Target::Release).collect()
    } else {
        args.target.clone()
    };

    let archives = if args.manifest_only {
        find(&targets, &folder)?
    } else {
        make(&targets, args.profile, &folder)?
    };
    let place = Place {
        base_url: &args.base_url,
        homepage: args.homepage.as_deref(),
    };
    let manifest = match &args.manifest {
        Some(file) => file.clone(),
        None => workspace::root().join("krew-manifest.yaml"),
    };
    write(
        &manifest,
        krew_manifest::write(&place, &archives).as_bytes(),
    )?;
    println!("{}", manifest.display());
    if args.base_url == krew_manifest::UNPUBLISHED {
        println!("note: its addresses lead nowhere; a release gives --base-url");
    }
    Ok(())
}

/// Builds and packs.
fn make(targets: &[Target], profile: Profile, folder: &Path) -> anyhow::Result<Vec<Archive>> {
    // Whatever is built: a program for another platform cannot be asked.
    let own = compile::for_this_machine(Profile::Dev)?;
    let documents = contents::documents(&own)?;
    let level = match profile {
        Profile::Dev => Compression::fast(),
        Profile::Release => Compression::best(),
    };
    let mut archives = Vec::new();
    for target in targets {
        let (platform, program) = match *target {
            Target::Host(platform) => (platform, compile::for_this_machine(profile)?),
            Target::Release(platform) => (platform, compile::for_platform(platform, profile)?),
        };
        if profile == Profile::Release {
            check_size(&program)?;
        }
        let mut entries = documents.clone();
        entries.push(contents::file(&program, "kubectl-lease".to_owned(), true)?);
        archives.push(pack(platform, entries, level, folder)?);
        if platform.os == "darwin" && !cfg!(target_os = "macos") {
            println!(
                "note: {} was linked without Apple's SDK and has run nowhere yet; run it on a \
                 Mac before you publish it",
                platform.name()
            );
        }
    }
    Ok(archives)
}

fn check_size(program: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::metadata(program)?.len();
    println!("{}: {bytes} bytes", program.display());
    if bytes >= MOST_BYTES {
        bail!(
            "{} has {bytes} bytes, and a release fewer than {MOST_BYTES}; Cargo.toml says what is \
             made small",
            program.display()
        );
    }
    Ok(())
}

fn pack(
    platform: &'static Platform,
    entries: Vec<Entry>,
    level: Compression,
    folder: &Path,
) -> anyhow::Result<Archive> {
    let name = platform.archive_name();
    let bytes = archive::pack(entries, level).with_context(|| format!("cannot pack {name}"))?;
    let sha256 = archive::digest(&bytes);
    write(&folder.join(&name), &bytes)?;
    // As `sha256sum --check` reads it.
    let line = format!("{sha256}  {name}\n");
    write(&folder.join(format!("{name}.sha256")), line.as_bytes())?;
    println!("{sha256}  {}", folder.join(&name).display());
    Ok(Archive { platform, sha256 })
}

/// Looks for archives that were made before, on this machine or on several.
fn find(targets: &[Target], folder: &Path) -> anyhow::Result<Vec<Archive>> {
    let mut archives = Vec::new();
    let mut missing = Vec::new();
    for target in targets {
        let (Target::Host(platform) | Target::Release(platform)) = *target;
        let path = folder.join(platform.archive_name());
        match std::fs::read(&path) {
            Ok(bytes) => archives.push(Archive {
                platform,
                sha256: archive::digest(&bytes),
            }),
            Err(error) => missing.push(format!("{}: {error}", path.display())),
        }
    }
    if !missing.is_empty() {
        bail!(
            "{}; make or bring these archives, or name with --target those that there are",
            missing.join("; ")
        );
    }
    Ok(archives)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "host" {
            return Platform::host()
                .map(Self::Host)
                .ok_or_else(|| "there are no archives for this machine's platform".to_owned());
        }
        PLATFORMS
            .iter()
            .find(|platform| platform.name() == text)
            .map(Self::Release)
            .ok_or_else(|| {
                let names: Vec<_> = PLATFORMS.iter().map(Platform::name).collect();
                format!("a platform is one of host, {}", names.join(", "))
            })
    }
}
