package contender

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// witness sees to it that two critical sections at one time do not go unnoticed, whatever the lock
// says: a file that only one can create, and a log to which all add a line.
type witness struct {
	folder, kind, identity string
}

// section is a critical section, which may be the very first one.
func (w witness) section(first, length time.Duration) error {
	inside := filepath.Join(w.folder, "inside")
	file, err := os.OpenFile(inside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return w.note("overlap")
	}
	if err != nil {
		return err
	}
	if err := errors.Join(file.Close(), w.note("began")); err != nil {
		return err
	}
	if w.isFirst() {
		length = first
	}
	time.Sleep(length)
	return errors.Join(os.Remove(inside), w.note("ended"))
}

// isFirst is true once among all contenders.
func (w witness) isFirst() bool {
	return os.Mkdir(filepath.Join(w.folder, "first"), 0o700) == nil
}

// note adds a line to the log, in one write: lines of several processes do not mix.
func (w witness) note(what string) error {
	log, err := os.OpenFile(filepath.Join(w.folder, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%s %s %s %d\n", what, w.kind, w.identity, time.Now().UnixMicro())
	_, err = log.WriteString(line)
	return errors.Join(err, log.Close())
}
