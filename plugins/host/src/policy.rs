//! A policy that is compiled, and can be asked.

use std::fmt;

use wasmtime::Store;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::bindings::{Plugin, PluginPre};
use crate::running::{self, LogLine, Running, Ticking};
use crate::{Description, Error, Host, Request, Review, lift, limits};

/// A policy. Each question is put to an instance of its own.
pub struct Policy {
    host: Host,
    pre: PluginPre<Running>,
}

impl Policy {
    /// Compiles it and takes it, all in this process: for components that are known.
    ///
    /// # Errors
    /// What is no policy.
    pub fn compile(host: &Host, component: &[u8]) -> Result<Self, Error> {
        let compiled = host.compile(component)?;
        let cannot = |error: wasmtime::Error| Error::Unrunnable(error.root_cause().to_string());
        #[allow(unsafe_code, reason = "it is what was made just now")]
        // SAFETY: these are the bytes that wasmtime returned, unchanged.
        let compiled = unsafe { Component::deserialize(host.engine(), compiled) };
        Self::of(host, &compiled.map_err(cannot)?)
    }

    pub(crate) fn of(host: &Host, component: &Component) -> Result<Self, Error> {
        let cannot = |error: wasmtime::Error| Error::Unrunnable(error.root_cause().to_string());
        let mut linker = Linker::new(host.engine());
        Plugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |running| running).map_err(cannot)?;
        // What has the names of the contract, and means something else by them.
        let another = |error: wasmtime::Error| {
            Error::Invalid(format!(
                "it is not as its contract says: {}",
                error.root_cause()
            ))
        };
        let pre = linker.instantiate_pre(component).map_err(another)?;
        Ok(Self {
            host: host.clone(),
            pre: PluginPre::new(pre).map_err(another)?,
        })
    }

    /// Asks what it is.
    ///
    /// # Errors
    /// It fails, uses too much, or describes what cannot be.
    pub fn describe(&self) -> Result<Description, Error> {
        let mut instance = self.start()?;
        let said =
            instance.call(|plugin, store| plugin.lease_policy_policy().call_describe(store))?;
        lift::description(said)
    }

    /// Asks whether it takes these settings, a JSON text.
    ///
    /// # Errors
    /// It does not ([`Error::Settings`]), it fails, or uses too much.
    pub fn configure(&self, settings: &str) -> Result<(), Error> {
        self.start()?.configure(settings)
    }

    /// Asks what it says of a request, with these settings.
    ///
    /// # Errors
    /// It does not take the settings, fails, or uses too much; with what it told until then.
    pub fn review(
        &self,
        settings: &str,
        request: &Request,
    ) -> Result<Review, (Error, Vec<LogLine>)> {
        let mut instance = self.start().map_err(|error| (error, Vec::new()))?;
        let request = lift::request(request);
        let verdict = instance
            .configure(settings)
            .and_then(|()| {
                instance
                    .call(|plugin, store| plugin.lease_policy_policy().call_review(store, &request))
            })
            .and_then(lift::verdict);
        let log = instance.store.into_data().into_log();
        match verdict {
            Ok(verdict) => Ok(Review { verdict, log }),
            Err(error) => Err((error, log)),
        }
    }

    fn start(&self) -> Result<Instance, Error> {
        let (mut store, ticking) = running::store(self.host.engine())?;
        match self.pre.instantiate(&mut store) {
            Ok(plugin) => Ok(Instance {
                plugin,
                store,
                _ticking: ticking,
            }),
            Err(error) => Err(store.data().explain(&error)),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").finish_non_exhaustive()
    }
}

/// An instance, until its time is over.
struct Instance {
    plugin: Plugin,
    store: Store<Running>,
    _ticking: Ticking,
}

impl Instance {
    fn call<T>(
        &mut self,
        call: impl FnOnce(&Plugin, &mut Store<Running>) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        let result = call(&self.plugin, &mut self.store);
        result.map_err(|error| self.store.data().explain(&error))
    }

    fn configure(&mut self, settings: &str) -> Result<(), Error> {
        if settings.len() > limits::TEXT_BYTES {
            return Err(Error::SettingsTooLong);
        }
        let taken = self
            .call(|plugin, store| plugin.lease_policy_policy().call_configure(store, settings))?;
        taken.or_else(|finding| {
            let finding = lift::finding(finding)?;
            Err(Error::Settings {
                code: finding.code,
                message: finding.message,
            })
        })
    }
}
