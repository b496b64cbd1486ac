//! Which cluster, as which user: the kubeconfig with what the options say instead.
//!
//! The rules are those of client-go's `clientcmd.DirectClientConfig`.

use std::path::Path;

use http::{HeaderValue, header};
use kube::config::{
    Cluster, Config, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};

use super::credentials::Source;
use super::user::{impersonate, user};
use super::{ConnectError, ConnectOptions, Impersonate, address, files};

/// The name of the only context, cluster and user that is left once all is chosen.
const CHOSEN: &str = "chosen";

/// What was chosen.
pub(super) struct Choice {
    /// The server and how it is trusted. Of the user it holds no more than a client certificate
    /// and whom to act as.
    pub(super) config: Config,
    pub(super) credentials: Source,
    /// The context of the kubeconfig, if one says which cluster is meant.
    pub(super) context: Option<String>,
    /// As whom, as far as there is a name for it.
    pub(super) user: Option<String>,
    /// The proxy that the kubeconfig names.
    pub(super) proxy_url: Option<String>,
}

pub(super) async fn choose(options: &ConnectOptions) -> Result<Choice, ConnectError> {
    check(options)?;
    let kubeconfig = files::kubeconfig(options.kubeconfig.as_deref())?;
    let current = kubeconfig
        .as_ref()
        .and_then(|read| read.current_context.clone());
    let context = options.context.clone().or(current);
    let user = name_of_user(kubeconfig.as_ref(), context.as_deref(), options);
    let (mut config, proxy_url) = match kubeconfig {
        None if files::is_pod() && !names_an_entry(options) => (in_cluster(options)?, None),
        None if options.server.is_none() => return Err(ConnectError::NoCluster),
        kubeconfig => out_of_cluster(kubeconfig.unwrap_or_default(), options).await?,
    };
    finish(&mut config, options)?;
    let credentials = Source::taken_from(&mut config)?;
    Ok(Choice {
        config,
        credentials,
        context,
        user,
        proxy_url,
    })
}

/// As whom requests are sent, as far as names tell: somebody who is acted as, or the kubeconfig's
/// name for the credentials.
fn name_of_user(
    kubeconfig: Option<&Kubeconfig>,
    context: Option<&str>,
    options: &ConnectOptions,
) -> Option<String> {
    let of_context = || {
        let contexts = &kubeconfig?.contexts;
        let entry = contexts
            .iter()
            .find(|entry| Some(&*entry.name) == context)?;
        entry.context.as_ref()?.user.clone()
    };
    let acts_as = options.impersonate.user.as_ref();
    acts_as
        .or(options.user.as_ref())
        .cloned()
        .or_else(of_context)
        .filter(|name| !name.is_empty())
}

/// Options that say nothing, or two things at once.
fn check(options: &ConnectOptions) -> Result<(), ConnectError> {
    let Impersonate {
        user,
        uid,
        groups,
        extra,
    } = &options.impersonate;
    if user.is_none() && (uid.is_some() || !groups.is_empty() || !extra.is_empty()) {
        return Err(ConnectError::Contradiction(
            "a uid, groups or extra attributes to act with need a user to act as (--as)",
        ));
    }
    if options.insecure_skip_tls_verify && options.certificate_authority.is_some() {
        return Err(ConnectError::Contradiction(
            "a certificate authority cannot be given for a server that is not verified \
             (--certificate-authority, --insecure-skip-tls-verify)",
        ));
    }
    if options.client_certificate.is_some() != options.client_key.is_some() {
        return Err(ConnectError::Contradiction(
            "a client certificate and its key are given together \
             (--client-certificate, --client-key)",
        ));
    }
    Ok(())
}

fn names_an_entry(options: &ConnectOptions) -> bool {
    options.context.is_some() || options.cluster.is_some() || options.user.is_some()
}

/// The service account of this pod; with a server, token and authority of the options, if any.
fn in_cluster(options: &ConnectOptions) -> Result<Config, ConnectError> {
    let mut config = Config::incluster().map_err(ConnectError::InCluster)?;
    if let Some(server) = &options.server {
        // It was found to be one.
        if let Ok(uri) = address::of_server(server, true)?.parse() {
            config.cluster_url = uri;
        }
    }
    if let Some(token) = &options.token {
        config.auth_info.token_file = None;
        config.auth_info.token = Some(token.clone());
    }
    if let Some(path) = &options.certificate_authority {
        config.root_cert_file = Some(path.clone());
    }
    if options.insecure_skip_tls_verify {
        config.accept_invalid_certs = true;
    }
    impersonate(&mut config.auth_info, &options.impersonate);
    Ok(config)
}

/// The kubeconfig's choice.
async fn out_of_cluster(
    kubeconfig: Kubeconfig,
    options: &ConnectOptions,
) -> Result<(Config, Option<String>), ConnectError> {
    let context = context(&kubeconfig, options)?;
    let cluster = cluster(&kubeconfig, &context, options)?;
    let user = user(&kubeconfig, &context, options)?;
    let proxy_url = cluster.proxy_url.clone();
    let chosen = Kubeconfig {
        contexts: vec![NamedContext {
            name: CHOSEN.into(),
            context: Some(Context {
                cluster: CHOSEN.into(),
                user: Some(CHOSEN.into()),
                namespace: context.namespace.filter(|name| !name.is_empty()),
                ..Context::default()
            }),
            ..NamedContext::default()
        }],
        clusters: vec![NamedCluster {
            name: CHOSEN.into(),
            cluster: Some(cluster),
            ..NamedCluster::default()
        }],
        auth_infos: vec![NamedAuthInfo {
            name: CHOSEN.into(),
            auth_info: Some(user),
            ..NamedAuthInfo::default()
        }],
        current_context: Some(CHOSEN.into()),
        ..Kubeconfig::default()
    };
    // Files and data are loaded as kube does it.
    let config = Config::from_custom_kubeconfig(chosen, &KubeConfigOptions::default()).await;
    Ok((config.map_err(ConnectError::Kubeconfig)?, proxy_url))
}

fn context(kubeconfig: &Kubeconfig, options: &ConnectOptions) -> Result<Context, ConnectError> {
    let known = || names(kubeconfig.contexts.iter().map(|entry| &entry.name));
    let name = options
        .context
        .as_ref()
        .or(kubeconfig.current_context.as_ref());
    let Some(name) = name else {
        // A server or a cluster is a choice of its own.
        return if options.cluster.is_some() || options.server.is_some() {
            Ok(Context::default())
        } else {
            Err(ConnectError::NoCurrentContext { known: known() })
        };
    };
    let entry = kubeconfig.contexts.iter().find(|entry| entry.name == *name);
    entry
        .map(|entry| entry.context.clone().unwrap_or_default())
        .ok_or_else(|| ConnectError::NotThere {
            kind: "context",
            name: name.clone(),
            known: known(),
        })
}

fn cluster(
    kubeconfig: &Kubeconfig,
    context: &Context,
    options: &ConnectOptions,
) -> Result<Cluster, ConnectError> {
    let name = options.cluster.as_ref().unwrap_or(&context.cluster);
    let entry = kubeconfig.clusters.iter().find(|entry| entry.name == *name);
    let mut cluster = match entry {
        Some(entry) => entry.cluster.clone().unwrap_or_default(),
        None if options.cluster.is_none() && options.server.is_some() => Cluster::default(),
        None => {
            return Err(ConnectError::NotThere {
                kind: "cluster",
                name: name.clone(),
                known: names(kubeconfig.clusters.iter().map(|entry| &entry.name)),
            });
        }
    };
    // As in client-go, an empty text is none.
    for text in [
        &mut cluster.certificate_authority,
        &mut cluster.certificate_authority_data,
        &mut cluster.tls_server_name,
        &mut cluster.proxy_url,
    ] {
        text.take_if(|text| text.is_empty());
    }
    unwrap_lines(&mut cluster.certificate_authority_data);
    if options.insecure_skip_tls_verify || options.certificate_authority.is_some() {
        cluster.insecure_skip_tls_verify = Some(options.insecure_skip_tls_verify);
        cluster.certificate_authority = options.certificate_authority.as_deref().map(text);
        cluster.certificate_authority_data = None;
    }
    if options.tls_server_name.is_some() || options.server.is_some() {
        // The name that the kubeconfig gives belongs to the server that it gives.
        cluster.tls_server_name.clone_from(&options.tls_server_name);
    }
    if let Some(server) = &options.server {
        cluster.server = Some(server.clone());
    }
    let server = cluster.server.clone().unwrap_or_default();
    if server.is_empty() {
        return Err(ConnectError::NoServer);
    }
    let is_tls = cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some()
        || cluster.insecure_skip_tls_verify == Some(true);
    cluster.server = Some(address::of_server(&server, is_tls)?);
    Ok(cluster)
}

/// What holds wherever the cluster was found.
fn finish(config: &mut Config, options: &ConnectOptions) -> Result<(), ConnectError> {
    if config.cluster_url.scheme_str() == Some("http") {
        // Nothing is signed there. Left open, it would mean to read all that the system trusts,
        // which takes longer than the requests of most commands.
        config.root_cert = Some(Vec::new());
        config.root_cert_file = None;
    } else if config.root_cert.as_ref().is_some_and(Vec::is_empty) {
        return Err(ConnectError::Contradiction(
            "the certificate authority of the cluster holds no certificate",
        ));
    }
    // A write that is repeated on its own could land twice; who decides on writes has to know of
    // each attempt.
    config.default_retry = false;
    // A little less than a request may take, so that it is always told which of the two it was: of
    // a request without a connection it is certain that nothing was carried out.
    config.connect_timeout = options.timeout.map(|limit| limit * 9 / 10);
    // Each request has its own limit instead, and a watch outlasts any.
    config.read_timeout = None;
    config.write_timeout = None;
    let user_agent = HeaderValue::from_str(&options.user_agent).map_err(|_| {
        ConnectError::Contradiction("the name of the program cannot be sent in a header")
    })?;
    config.headers.push((header::USER_AGENT, user_agent));
    Ok(())
}

pub(super) fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
}

pub(super) fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().to_string_lossy().into_owned()
}

/// Go's decoder of base64 passes over line breaks.
pub(super) fn unwrap_lines(data: &mut Option<String>) {
    if let Some(data) = data {
        data.retain(|c| !matches!(c, '\n' | '\r'));
    }
}
