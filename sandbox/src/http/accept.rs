//! Which form of an answer the client wants.

use http::HeaderMap;
use http::header::ACCEPT;

/// A form in which the server can answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// Aggregated discovery: everything in one answer.
    Discovery,
    /// The object itself.
    Object,
    /// Only the metadata of the object or of each item.
    Metadata,
    /// Rows and columns, as `kubectl get` asks for.
    Table,
}

/// The first of the accepted forms that is served. None for a client that takes none of them.
pub(super) fn form(headers: &HeaderMap) -> Option<Form> {
    let mut accepted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .peekable();
    if accepted.peek().is_none() {
        return Some(Form::Object);
    }
    accepted.find_map(one)
}

fn one(accepted: &str) -> Option<Form> {
    let mut parts = accepted.split(';').map(str::trim);
    if !matches!(parts.next()?, "*/*" | "application/*" | "application/json") {
        return None;
    }
    let parameters: Vec<&str> = parts.collect();
    let has = |parameter: &str| parameters.contains(&parameter);
    let Some(wanted) = parameters.iter().find_map(|p| p.strip_prefix("as=")) else {
        return Some(Form::Object);
    };
    let meta = has("g=meta.k8s.io") && has("v=v1");
    match wanted {
        "APIGroupDiscoveryList" if has("g=apidiscovery.k8s.io") && has("v=v2") => {
            Some(Form::Discovery)
        }
        "PartialObjectMetadata" | "PartialObjectMetadataList" if meta => Some(Form::Metadata),
        "Table" if meta => Some(Form::Table),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_served_form_wins() {
        let form = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            form(&headers)
        };
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(form(kubectl), Some(Form::Table));
        assert_eq!(
            form("application/json;as=Table;v=v9;g=meta.k8s.io, */*"),
            Some(Form::Object)
        );
        assert_eq!(
            form("application/vnd.kubernetes.protobuf,application/json"),
            Some(Form::Object)
        );
        assert_eq!(form("application/vnd.kubernetes.protobuf"), None);
        assert_eq!(super::form(&HeaderMap::new()), Some(Form::Object));
    }
}
