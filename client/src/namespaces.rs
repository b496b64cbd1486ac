//! The namespaces in which leases can be.

use serde::Deserialize;

use crate::lease_store::LeaseStore;
use crate::request::{Call, RequestError};
use crate::right::Right;
use crate::selection::encode;
use crate::status::ApiStatus;
use crate::store::ReadError;

const NAMESPACES: &str = "/api/v1/namespaces";

#[derive(Deserialize)]
struct Namespaces {
    #[serde(default)]
    items: Vec<Namespace>,
}

#[derive(Deserialize)]
struct Namespace {
    metadata: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl LeaseStore {
    /// The names of the namespaces in which leases can be, as the server sorts them.
    pub async fn namespaces(&self) -> Result<Vec<String>, ReadError> {
        let call = Call::get(NAMESPACES, Right::to_list_namespaces());
        let answer = self.requests.send(call).await?;
        let list: Namespaces = serde_json::from_slice(&answer.body)
            .map_err(|error| RequestError::Unreadable(error.into()))?;
        Ok(list
            .items
            .into_iter()
            .map(|item| item.metadata.name)
            .collect())
    }

    /// Whether there is a namespace of this name.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, ReadError> {
        let path = format!("{NAMESPACES}/{}", encode(name));
        let right = Right::to_get_namespace(name);
        match self.requests.send(Call::get(&path, right)).await {
            Ok(_) => Ok(true),
            Err(RequestError::Status(ApiStatus {
                code: 404, reason, ..
            })) if reason == "NotFound" => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
