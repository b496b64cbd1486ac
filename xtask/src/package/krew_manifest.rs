//! What Krew has to know of a release: a plugin manifest, v1alpha2.

use std::fmt::Write as _;

use super::platform::Platform;

/// Where nothing can be downloaded from: RFC 2606 keeps this name out of the DNS for good.
pub(crate) const UNPUBLISHED: &str = "https://kubectl-lease.invalid";

/// An archive that was made.
pub(crate) struct Archive {
    pub(crate) platform: &'static Platform,
    pub(crate) sha256: String,
}

/// Where a release is, on the web.
pub(crate) struct Place<'a> {
    /// The folder of the archives.
    pub(crate) base_url: &'a str,
    pub(crate) homepage: Option<&'a str>,
}

/// What Krew shows of this and does with it. `krew search` cuts the short description off after
/// 50 characters; the caveats are shown after an installation.
const ABOUT: &str = "
  shortDescription: See, take and release locks kept in Leases
  description: |
    A lock on Kubernetes is a Lease object: leader election, Terraform and others
    write it, and when one is stuck, kubectl shows a name and an age. This shows who
    holds it, whether the lease is over and how that is known; it takes, renews and
    releases locks from scripts, and steals one once the API server's own clock
    proves that it has expired.
  caveats: |
    For completion of names and flags after \"kubectl lease\", put this into a folder
    of the PATH:

      kubectl lease completion kubectl > kubectl_complete-lease
      chmod +x kubectl_complete-lease
";

/// Writes the manifest of a release.
pub(crate) fn write(place: &Place<'_>, archives: &[Archive]) -> String {
    let Place { base_url, homepage } = place;
    let mut text = "# Written by `cargo xtask package`, never by hand.\n".to_owned();
    if *base_url == UNPUBLISHED {
        text.push_str("# Not published: the addresses lead nowhere. A release gives --base-url.\n");
    }
    text.push_str("apiVersion: krew.googlecontainertools.github.com/v1alpha2\n");
    text.push_str("kind: Plugin\nmetadata:\n  name: lease\nspec:\n");
    let _ = write!(text, "  version: v{}", super::VERSION);
    if let Some(homepage) = homepage {
        let _ = write!(text, "\n  homepage: {homepage}");
    }
    text.push_str(ABOUT);
    text.push_str("  platforms:\n");
    for Archive { platform, sha256 } in archives {
        let Platform { os, arch, .. } = platform;
        let name = platform.archive_name();
        // Only what runs: Krew has no place for man pages. Its index insists on the licence.
        let _ = write!(
            text,
            "  - selector:
      matchLabels:
        os: {os}
        arch: {arch}
    uri: {base_url}/{name}
    sha256: {sha256}
    bin: kubectl-lease
    files:
    - from: kubectl-lease
      to: .
    - from: LICENSE
      to: .
"
        );
    }
    text
}

/// Reads an address. What could be anything else in a line of YAML is refused.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/%+@[]".contains(c);
    if host.is_empty() || !host.chars().all(allowed) {
        return Err("an address is wanted, without a query: https://example.com/v1.0.0".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}
