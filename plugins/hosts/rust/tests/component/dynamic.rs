//! The component, called by names as JSON has them.

use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::{Component, Func, Instance, Linker, ResourceAny, Val};

use crate::values::{to_json, to_val};

const RULES: &str = "lease:lock/rules@0.1.0";

pub(crate) struct Dynamic {
    store: Store<()>,
    instance: Instance,
    contender: Option<ResourceAny>,
}

impl Dynamic {
    pub(crate) fn new(component: &Component) -> Self {
        let mut store = Store::new(component.engine(), ());
        let linker = Linker::new(component.engine());
        let instance = linker.instantiate(&mut store, component).unwrap();
        Self {
            store,
            instance,
            contender: None,
        }
    }

    fn func(&mut self, name: &str) -> Func {
        let rules = self.instance.get_export_index(&mut self.store, None, RULES);
        let index = self
            .instance
            .get_export_index(&mut self.store, rules.as_ref(), name)
            .unwrap_or_else(|| panic!("there is no {name}"));
        self.instance.get_func(&mut self.store, index).unwrap()
    }

    fn run(&mut self, func: Func, args: &[Val]) -> wasmtime::Result<Option<Val>> {
        let has_result = func.ty(&self.store).results().len() > 0;
        let mut results = vec![Val::Bool(false); usize::from(has_result)];
        func.call(&mut self.store, args, &mut results)?;
        Ok(results.pop())
    }

    fn args(&mut self, func: Func, args: &Value, self_: Option<Val>) -> Vec<Val> {
        let params: Vec<_> = func.ty(&self.store).params().map(|(_, ty)| ty).collect();
        let skipped = usize::from(self_.is_some());
        let args = args.as_array().unwrap().iter().zip(&params[skipped..]);
        let args: Vec<Val> = args
            .map(|(arg, ty)| {
                to_val(arg, ty, &mut |lease| match self.snapshot(lease) {
                    Ok(snapshot) => snapshot,
                    Err(error) => panic!("{error}"),
                })
            })
            .collect();
        self_.into_iter().chain(args).collect()
    }

    /// Takes in a lease; what is wrong with it is returned as JSON.
    pub(crate) fn snapshot(&mut self, lease: &Value) -> Result<Val, Value> {
        let of = self.func("[static]snapshot.of");
        let args = self.args(of, &Value::Array(vec![lease.clone()]), None);
        match self.run(of, &args).unwrap().unwrap() {
            Val::Result(Ok(Some(snapshot))) => Ok(*snapshot),
            error => Err(to_json(&error)),
        }
    }

    /// What a method of a snapshot returns.
    pub(crate) fn decide(&mut self, lease: &Value, call: &str, args: &Value) -> Value {
        let snapshot = match self.snapshot(lease) {
            Ok(snapshot) => snapshot,
            Err(error) => return error,
        };
        let func = self.func(&format!("[method]snapshot.{call}"));
        let args = self.args(func, args, Some(snapshot.clone()));
        let result = self.run(func, &args).unwrap();
        if let Val::Resource(snapshot) = snapshot {
            snapshot.resource_drop(&mut self.store).unwrap();
        }
        to_json(&result.unwrap())
    }

    /// What a method of the contender returns; the first call makes it.
    pub(crate) fn drive(&mut self, call: &str, args: &Value) -> Value {
        self.try_to_drive(call, args).unwrap()
    }

    pub(crate) fn try_to_drive(&mut self, call: &str, args: &Value) -> wasmtime::Result<Value> {
        let kind = if call == "create" { "static" } else { "method" };
        let func = self.func(&format!("[{kind}]contender.{call}"));
        let contender = self.contender.filter(|_| call != "create");
        let args = self.args(func, args, contender.map(Val::Resource));
        let result = self.run(func, &args)?;
        if let Some(Val::Result(Ok(Some(made)))) = &result
            && let Val::Resource(made) = **made
        {
            self.contender = Some(made);
        }
        Ok(result.as_ref().map_or(Value::Null, to_json))
    }
}
