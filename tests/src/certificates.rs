//! Certificates of the tests' own making.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that signs certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// What everybody may see.
    pub certificate: String,
    /// What nobody may see.
    pub key: String,
}

impl Authority {
    /// A new one, which nobody knows.
    #[expect(clippy::new_without_default, reason = "no two are the same")]
    pub fn new() -> Self {
        let mut params = params("tests' authority", Vec::new());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = key();
        let certificate = params.self_signed(&key).expect("it signs itself");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Its own certificate, in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate by which an API server that trusts this authority knows a user.
    pub fn user(&self, name: &str, group: &str) -> Certificate {
        let mut params = params(name, Vec::new());
        params
            .distinguished_name
            .push(DnType::OrganizationName, group);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    /// A certificate of a server that is reached under this name or address.
    pub fn server(&self, name: &str) -> Certificate {
        self.sign(&server(name))
    }

    /// A certificate of a server that was good until long ago.
    pub fn expired_server(&self, name: &str) -> Certificate {
        let mut params = server(name);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = key();
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("an authority signs");
        Certificate {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Certificate {
    /// Shows it to whoever connects.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let chain = CertificateDer::from_pem_slice(self.certificate.as_bytes())
            .expect("it was made in PEM");
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("it was made in PEM");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .expect("certificate and key belong together");
        TlsAcceptor::from(Arc::new(config))
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the system has randomness")
}

fn params(name: &str, hosts: Vec<String>) -> CertificateParams {
    let mut params = CertificateParams::new(hosts).expect("a test names a valid host");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn server(name: &str) -> CertificateParams {
    let mut params = params(name, vec![name.to_owned()]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}
