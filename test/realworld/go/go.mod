module example.org/realworld

go 1.19
