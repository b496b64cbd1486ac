//! The flags that every verb takes: which cluster, and as whom.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use lease_client::{ConnectOptions, Impersonate};
use secrecy::{ExposeSecret, SecretString};

use crate::durations::{self, Limit};
use crate::invocation;

/// Which cluster, as kubectl's flags have it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Cluster")]
pub(crate) struct GlobalArgs {
    /// The kubeconfig file to use instead of KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE", value_parser = file_parser())]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig to use
    #[arg(long, global = true)]
    pub(crate) context: Option<String>,
    /// The cluster of the kubeconfig to use instead of the context's
    #[arg(long, global = true, hide_short_help = true)]
    cluster: Option<String>,
    /// The user of the kubeconfig to use instead of the context's
    #[arg(long, global = true, hide_short_help = true)]
    user: Option<String>,
    /// The namespace to look in; by default the context's
    #[arg(short, long, global = true)]
    pub(crate) namespace: Option<String>,
    /// How long one request to the API server may take; 0 for as long as it likes
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s",
          value_parser = durations::parse_limit)]
    request_timeout: Limit,
    /// The address of the API server
    #[arg(short, long, global = true, value_name = "URL", hide_short_help = true)]
    server: Option<String>,
    /// The bearer token to say who one is with
    #[arg(long, global = true, hide_short_help = true, value_parser = secret)]
    token: Option<SecretString>,
    /// The user to act as, e.g. `system:serviceaccount:work:backup`
    #[arg(
        long = "as",
        global = true,
        value_name = "USER",
        hide_short_help = true
    )]
    act_as: Option<String>,
    /// A group to act with; repeatable
    #[arg(long, global = true, value_name = "GROUP", hide_short_help = true)]
    as_group: Vec<String>,
    /// The uid to act with
    #[arg(long, global = true, value_name = "UID", hide_short_help = true)]
    as_uid: Option<String>,
    /// An extra attribute to act with; repeatable
    #[arg(long, global = true, value_name = "KEY=VALUE", hide_short_help = true,
          value_parser = key_and_value)]
    as_user_extra: Vec<(String, String)>,
    /// A file with the certificate authority of the API server
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true,
          value_parser = file_parser())]
    certificate_authority: Option<PathBuf>,
    /// A file with a client certificate
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true,
          value_parser = file_parser())]
    client_certificate: Option<PathBuf>,
    /// A file with the key of the client certificate
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true,
          value_parser = file_parser())]
    client_key: Option<PathBuf>,
    /// The name that the API server's certificate is checked for
    #[arg(long, global = true, value_name = "NAME", hide_short_help = true)]
    tls_server_name: Option<String>,
    /// Do not check the API server's certificate, which lets anybody in between read and change
    /// everything
    #[arg(long, global = true, hide_short_help = true, value_name = "BOOL", num_args = 0..=1,
          require_equals = true, default_value_t = false, default_missing_value = "true",
          hide_default_value = true, hide_possible_values = true)]
    insecure_skip_tls_verify: bool,
    /// How much to tell: 1 what policies say and warn of, 2 what they find, 4 each of their steps;
    /// of the requests 6 each of them, 7 headers, 8 the beginning of bodies, 9 more of them, 10 all;
    /// secrets never
    #[arg(
        short = 'v',
        long = "v",
        global = true,
        value_name = "LEVEL",
        default_value_t = 0,
        hide_default_value = true,
        hide_short_help = true
    )]
    pub(crate) verbosity: u8,
}

impl GlobalArgs {
    /// The same, but for the context and its namespace.
    pub(crate) fn in_context(&self, context: String) -> Self {
        Self {
            context: Some(context),
            namespace: None,
            ..self.clone()
        }
    }

    /// What of it says where the cluster is.
    pub(crate) fn connect_options(&self) -> ConnectOptions {
        let Self {
            kubeconfig,
            context,
            cluster,
            user,
            namespace: _,
            request_timeout,
            server,
            token,
            act_as,
            as_group,
            as_uid,
            as_user_extra,
            certificate_authority,
            client_certificate,
            client_key,
            tls_server_name,
            insecure_skip_tls_verify,
            verbosity: _,
        } = self.clone();
        // As in kubectl, an empty text says nothing.
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let file = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        ConnectOptions {
            certificate_authority: file(certificate_authority),
            client_certificate: file(client_certificate),
            client_key: file(client_key),
            cluster: some(cluster),
            context: some(context),
            impersonate: Impersonate {
                user: some(act_as),
                uid: some(as_uid),
                groups: as_group,
                extra: as_user_extra,
            },
            insecure_skip_tls_verify,
            kubeconfig: file(kubeconfig),
            server: some(server),
            timeout: request_timeout.after(),
            tls_server_name: some(tls_server_name),
            token: token.filter(|token| !token.expose_secret().is_empty()),
            user: some(user),
            user_agent: format!(
                "kubectl-lease/{} ({}/{})",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
        }
    }
}

impl GlobalArgs {
    /// The same without those that say as whom.
    pub(crate) fn to_type_as_oneself(&self) -> String {
        Self {
            act_as: None,
            as_group: Vec::new(),
            as_uid: None,
            as_user_extra: Vec::new(),
            ..self.clone()
        }
        .to_type_again()
    }

    /// The flags that say which cluster and as whom, as they have to be typed again, each after a
    /// space; but for the token, which nobody is shown.
    pub(crate) fn to_type_again(&self) -> String {
        let Self {
            kubeconfig,
            context,
            cluster,
            user,
            namespace: _,
            request_timeout: _,
            server,
            token: _,
            act_as,
            as_group,
            as_uid,
            as_user_extra,
            certificate_authority,
            client_certificate,
            client_key,
            tls_server_name,
            insecure_skip_tls_verify,
            verbosity: _,
        } = self;
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into());
        let mut flags: Vec<(&str, Option<String>)> = vec![
            ("kubeconfig", path(kubeconfig)),
            ("context", context.clone()),
            ("cluster", cluster.clone()),
            ("user", user.clone()),
            ("server", server.clone()),
            ("as", act_as.clone()),
            ("as-uid", as_uid.clone()),
            ("certificate-authority", path(certificate_authority)),
            ("client-certificate", path(client_certificate)),
            ("client-key", path(client_key)),
            ("tls-server-name", tls_server_name.clone()),
        ];
        flags.extend(
            as_group
                .iter()
                .map(|group| ("as-group", Some(group.clone()))),
        );
        for (key, value) in as_user_extra {
            flags.push(("as-user-extra", Some(format!("{key}={value}"))));
        }
        let mut text = String::new();
        for (name, value) in flags {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                text += &format!(" --{name} {}", invocation::quoted(&value));
            }
        }
        if *insecure_skip_tls_verify {
            text += " --insecure-skip-tls-verify";
        }
        text
    }
}

/// Reads a path, which may be empty: clap's own parser refuses that.
fn file_parser() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// Read as something that is never printed.
#[allow(clippy::unnecessary_wraps, reason = "clap's form of a parser")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("an extra attribute looks like KEY=VALUE".to_owned()),
    }
}
