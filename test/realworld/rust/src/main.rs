use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn answer() -> String {
    let body = "hello from rust\n";
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", body.len(), body)
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096])?;
    stream.write_all(answer().as_bytes())
}

fn main() -> std::io::Result<()> {
    for stream in TcpListener::bind("0.0.0.0:8080")?.incoming() {
        let _ = serve(stream?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        assert!(super::answer().ends_with("hello from rust\n"));
    }
}
