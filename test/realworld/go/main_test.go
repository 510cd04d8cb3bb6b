package main

import "testing"

func TestGreeting(t *testing.T) {
	if greeting() != "hello from nobody\n" {
		t.Fatal(greeting())
	}
}
