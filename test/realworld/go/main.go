package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

var language = "nobody"

func greeting() string {
	return fmt.Sprintf("hello from %s\n", language)
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, greeting()) })
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
