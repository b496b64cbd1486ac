package contender

import (
	"io"
	"os"
)

// ExitWithStdin ends the process, without any last write, when nobody holds its stdin any more.
func ExitWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}
