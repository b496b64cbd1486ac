package main

import (
	"encoding/pem"
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const cluster = "tests"

// writeKubeconfig writes one context per user, named as the user; the admin's is the current one.
func writeKubeconfig(path, server string, authority []byte, u users) error {
	config := api.NewConfig()
	config.CurrentContext = admin
	config.Clusters[cluster] = &api.Cluster{Server: server, CertificateAuthorityData: authority}
	for _, name := range u {
		config.AuthInfos[name] = &api.AuthInfo{Token: token(name)}
		config.Contexts[name] = &api.Context{Cluster: cluster, AuthInfo: name, Namespace: "default"}
	}
	return clientcmd.WriteToFile(*config, path)
}

// authority returns the certificate that signed the server's own: the last one in the file that
// the server makes for itself (own certificate first, then its signer).
func authority(servingCertificate string) ([]byte, error) {
	rest, err := os.ReadFile(servingCertificate)
	if err != nil {
		return nil, err
	}
	var last *pem.Block
	for block, after := pem.Decode(rest); block != nil; block, after = pem.Decode(after) {
		last = block
	}
	if last == nil {
		return nil, fmt.Errorf("%s holds no certificate", servingCertificate)
	}
	return pem.EncodeToMemory(last), nil
}
