package contender

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Event is one line of output. At is on the machine's clock, whatever a contender takes it for.
type Event struct {
	Event    string    `json:"event"`
	Identity string    `json:"identity,omitempty"`
	At       time.Time `json:"at"`
}

var output sync.Mutex

// Say prints one event, whole: contenders report from several goroutines.
func Say(e Event) {
	e.At = time.Now()
	output.Lock()
	defer output.Unlock()
	// Without a reader there is nobody left to tell; stdin ends the process then.
	_ = json.NewEncoder(os.Stdout).Encode(e)
}

func report(err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
}
