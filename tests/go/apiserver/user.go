package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
)

const admin = "admin"

// users are the names that may log in. The first is always the admin; the others have no rights
// until a test binds a role to their name.
type users []string

// String and Set make it a flag that can be given several times.
func (u *users) String() string { return fmt.Sprint(*u) }

func (u *users) Set(name string) error {
	if name == "" {
		return fmt.Errorf("a user needs a name")
	}
	if slices.Contains(*u, name) {
		return fmt.Errorf("there already is a user %q", name)
	}
	*u = append(*u, name)
	return nil
}

func token(user string) string { return user + "-token" }

// writeTokens writes the file for --token-auth-file: token, user name, user uid, groups.
func (u users) writeTokens(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()

	rows := csv.NewWriter(file)
	for _, name := range u {
		row := []string{token(name), name, name}
		if name == admin {
			row = append(row, "system:masters")
		}
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}
