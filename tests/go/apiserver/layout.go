package main

import (
	"os"
	"path/filepath"
)

// layout names every file that the server keeps. All of them are below one folder, so a second
// start with the same folder is the same cluster with the same keys.
type layout struct{ dir string }

func newLayout(dir string) (layout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return layout{}, err
	}
	return layout{dir}, os.MkdirAll(dir, 0o700)
}

func (l layout) certs() string              { return filepath.Join(l.dir, "certs") }
func (l layout) servingCertificate() string { return filepath.Join(l.certs(), "apiserver.crt") }
func (l layout) serviceAccountKey() string  { return filepath.Join(l.dir, "service-account.key") }
func (l layout) etcd() string               { return filepath.Join(l.dir, "etcd") }
func (l layout) kubeconfig() string         { return filepath.Join(l.dir, "kubeconfig") }
func (l layout) log() string                { return filepath.Join(l.dir, "apiserver.log") }
func (l layout) tokens() string             { return filepath.Join(l.dir, "tokens.csv") }
