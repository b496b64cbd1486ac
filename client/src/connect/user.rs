//! As which user: the kubeconfig's with what the options say instead.

use std::collections::HashMap;

use kube::config::{AuthInfo, Context, Kubeconfig};
use secrecy::{ExposeSecret, SecretString};

use super::choice::{names, text, unwrap_lines};
use super::{ConnectError, ConnectOptions, Impersonate};

pub(super) fn user(
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

pub(super) fn impersonate(user: &mut AuthInfo, options: &Impersonate) {
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
