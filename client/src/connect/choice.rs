//! Which cluster, as which user: the kubeconfig with what the options say instead.
//!
//! The rules are those of client-go's `clientcmd.DirectClientConfig`.

use std::collections::HashMap;
use std::path::Path;

use http::{HeaderValue, Uri, header};
use kube::config::{
    AuthInfo, Cluster, Config, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};
use secrecy::{ExposeSecret, SecretString};

use super::credentials::Source;
use super::{ConnectError, ConnectOptions, Impersonate, files};

/// The name of the only context, cluster and user that is left once all is chosen.
const CHOSEN: &str = "chosen";

/// What was chosen.
pub(super) struct Choice {
    /// The server and how it is trusted. Of the user it holds no more than a client certificate
    /// and whom to act as.
    pub(super) config: Config,
    pub(super) credentials: Source,
    /// The proxy that the kubeconfig names.
    pub(super) proxy_url: Option<String>,
}

pub(super) async fn choose(options: &ConnectOptions) -> Result<Choice, ConnectError> {
    check(options)?;
    let kubeconfig = files::kubeconfig(options.kubeconfig.as_deref())?;
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
        proxy_url,
    })
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
        if let Ok(uri) = address(server, true)?.parse() {
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
    cluster.server = Some(address(&server, is_tls)?);
    Ok(cluster)
}

/// An address without a scheme gets the one that the rest speaks for, as in client-go's
/// `rest.DefaultServerURL`.
fn address(server: &str, is_tls: bool) -> Result<String, ConnectError> {
    let whole = match server.contains("://") {
        true => server.to_owned(),
        false if is_tls => format!("https://{server}"),
        false => format!("http://{server}"),
    };
    let is_address = whole.parse().is_ok_and(|uri: Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            // A login would be sent to wherever errors are written.
            && !uri
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@'))
    });
    if is_address {
        return Ok(whole);
    }
    Err(ConnectError::Address {
        of: "server",
        address: without_login(server),
    })
}

/// An address as it can be shown.
pub(super) fn without_login(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}<masked>@{host}"),
        None => address.to_owned(),
    }
}

fn user(
    kubeconfig: &Kubeconfig,
    context: &Context,
    options: &ConnectOptions,
) -> Result<AuthInfo, ConnectError> {
    let name = options.user.as_ref().or(context.user.as_ref());
    let entry = kubeconfig
        .auth_infos
        .iter()
        .find(|entry| Some(&entry.name) == name);
    // client-go goes on as nobody where a context names a user that is not there, and what is told
    // then is that nobody may do anything.
    let mut user = match (entry, name) {
        (Some(entry), _) => entry.auth_info.clone().unwrap_or_default(),
        (None, Some(name)) if !name.is_empty() => {
            return Err(ConnectError::NotThere {
                kind: "user",
                name: name.clone(),
                known: names(kubeconfig.auth_infos.iter().map(|entry| &entry.name)),
            });
        }
        (None, _) => AuthInfo::default(),
    };
    for text in [
        &mut user.client_certificate,
        &mut user.client_certificate_data,
        &mut user.client_key,
        &mut user.token_file,
    ] {
        text.take_if(|text| text.is_empty());
    }
    unwrap_lines(&mut user.client_certificate_data);
    if let Some(key) = &user.client_key_data {
        let mut key = Some(key.expose_secret().to_owned());
        unwrap_lines(&mut key);
        user.client_key_data = key.map(SecretString::from);
    }
    if let Some(token) = &options.token {
        user.token = Some(token.clone());
        user.token_file = None;
    }
    if let (Some(certificate), Some(key)) = (&options.client_certificate, &options.client_key) {
        user.client_certificate = Some(text(certificate));
        user.client_certificate_data = None;
        user.client_key = Some(text(key));
        user.client_key_data = None;
    }
    impersonate(&mut user, &options.impersonate);
    Ok(user)
}

fn impersonate(user: &mut AuthInfo, options: &Impersonate) {
    let Some(name) = &options.user else {
        return;
    };
    user.impersonate = Some(name.clone());
    user.impersonate_uid.clone_from(&options.uid);
    user.impersonate_groups = Some(options.groups.clone());
    let mut extra: HashMap<String, Vec<String>> = HashMap::new();
    for (key, value) in &options.extra {
        extra.entry(key.clone()).or_default().push(value.clone());
    }
    user.impersonate_user_extra = Some(extra);
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

/// Go's decoder of base64 passes over line breaks.
fn unwrap_lines(data: &mut Option<String>) {
    if let Some(data) = data {
        data.retain(|c| !matches!(c, '\n' | '\r'));
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
}

fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_the_scheme_that_the_rest_speaks_for() {
        assert_eq!(address("h:1", true).unwrap(), "https://h:1");
        assert_eq!(address("h:1", false).unwrap(), "http://h:1");
        assert_eq!(address("https://h/k8s", false).unwrap(), "https://h/k8s");
        for wrong in ["", "ftp://h", "https://", "a b", "https://u:secret@h"] {
            let error = address(wrong, true).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
