// A kube-apiserver with its etcd in one process, for tests.
//
//	apiserver --dir DIR [--secure-port PORT] [--user NAME]... [--temporary] [-- KUBE-APISERVER-FLAG...]
//
// Everything is kept below DIR; a second start with the same DIR and PORT is the same cluster. When
// it is ready it prints one JSON line on stdout. It ends at SIGTERM, and at the end of its stdin:
// whoever started it holds the other end, so it never outlives a test, however the test ends.
// With --temporary, DIR goes with it then; SIGTERM and SIGKILL leave it for a restart.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

const (
	startLimit   = 60 * time.Second
	stopLimit    = 2 * time.Second
	pollInterval = 20 * time.Millisecond
)

func main() {
	report := os.Stderr
	dir := flag.String("dir", "", "folder for data, keys, log and kubeconfig (required)")
	port := flag.Int("secure-port", 0, "port on 127.0.0.1; 0 takes a free one")
	names := users{admin}
	flag.Var(&names, "user", "a further user without rights, token NAME-token; repeatable")
	temporary := flag.Bool("temporary", false, "remove the folder when stdin ends")
	flag.Parse()

	if err := serve(*dir, *port, names, *temporary, flag.Args()); err != nil {
		fmt.Fprintln(report, "apiserver:", err)
		os.Exit(1)
	}
}

func serve(dir string, port int, names users, temporary bool, extra []string) error {
	if dir == "" {
		return fmt.Errorf("--dir is required")
	}
	l, err := newLayout(dir)
	if err != nil {
		return err
	}
	if err := logTo(l.log()); err != nil {
		return err
	}
	go exitWithStdin(l, temporary)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	if err := ensureServiceAccountKey(l.serviceAccountKey()); err != nil {
		return err
	}
	if err := names.writeTokens(l.tokens()); err != nil {
		return err
	}
	listener, err := listen(port)
	if err != nil {
		return err
	}
	endpoint, err := startEtcd(l)
	if err != nil {
		return err
	}
	completed, err := complete(ctx, l, endpoint, listener, extra)
	if err != nil {
		return err
	}

	ended := make(chan error, 2)
	go func() { ended <- app.Run(ctx, completed) }()
	go func() {
		if err := announce(ctx, l, "https://"+listener.Addr().String(), endpoint, names); err != nil {
			ended <- err
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// The server says goodbye on its connections, then waits up to a minute for open watches; they
	// are cut off here instead.
	select {
	case err := <-ended:
		return err
	case <-time.After(stopLimit):
		return nil
	}
}

// announce waits until the server is usable, then prints the ready line.
func announce(ctx context.Context, l layout, server, etcd string, names users) error {
	ca, err := authority(l.servingCertificate())
	if err != nil {
		return err
	}
	if err := writeKubeconfig(l.kubeconfig(), server, ca, names); err != nil {
		return err
	}
	if err := waitUntilReady(ctx, server, ca); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(struct {
		Ready      bool   `json:"ready"`
		Server     string `json:"server"`
		Kubeconfig string `json:"kubeconfig"`
		Etcd       string `json:"etcd"`
	}{true, server, l.kubeconfig(), etcd})
}

// logTo sends the log of every library, and the trace of a crash, to one file. A restart appends.
func logTo(path string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	os.Stderr = file
	return debug.SetCrashOutput(file, debug.CrashOptions{})
}

// exitWithStdin ends the process when nobody holds its stdin any more: at once, since there is
// nobody left to be polite to. What etcd has acknowledged is in its log.
func exitWithStdin(l layout, remove bool) {
	_, _ = io.Copy(io.Discard, os.Stdin)
	// etcd still runs and may add a file to a folder that is being emptied.
	for attempt := 0; remove && attempt < 10; attempt++ {
		if os.RemoveAll(l.dir) == nil {
			break
		}
	}
	os.Exit(0)
}
