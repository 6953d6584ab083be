//  `isda explore`: the page on which people walk through features by hand, served to this machine alone.

import ArgumentParser
import Explorer
import Foundation
import Results
import Storage

struct ExploreCommand: ComputesOnAllCores {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Walk through the features of one or more runs by hand, in the browser.",
    discussion: """
      Examples:
        isda explore runs/isda-s0
        isda explore runs/ce-s0 runs/isda-s0 --port 0 --no-open
        isda explore runs/isda-s0 --static isda.html --classes cat,dog

      `isda analyze` comes first. The page is served on the loopback address, under an address with a random token \
      that is printed: only who has it can ask, and only from this machine. Names, notes, ranges and directions of \
      your own are kept in the run folder at once. Ctrl-C ends the server. --static writes one file that needs no \
      server.
      """)

  @Argument(help: "Run folders. Of several, the page shows two side by side.", completion: .directory)
  var runs: [String]

  @Option(help: "The port; 0 takes a free one.")
  var port = 8808

  @Option(help: "The address or name to listen on. Beyond loopback anybody who has the token can look and change.")
  var host = "127.0.0.1"

  @Flag(inversion: .prefixedNo, help: "Open the page in the browser.")
  var open = true

  @Option(
    name: .customLong("static"), help: "Write one self-contained HTML file instead of serving.",
    completion: .file(extensions: ["html"]))
  var staticFile: String?

  @Option(help: "Classes of the file that --static writes, with commas between; the first 10 if not given.")
  var classes: String?

  @Option(help: "Directions of each class in the file that --static writes, the leading ones.")
  var directions = 8

  @Option(help: "Anchors of each class in the file that --static writes.")
  var anchors = 12

  @OptionGroup var images: MovedDataOption

  @OptionGroup var output: QuietOption

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("name at least one run folder") }
    guard runs.count <= 16 else { throw ValidationError("\(runs.count) runs; expected at most 16") }
    guard (0...65535).contains(port) else { throw ValidationError("--port is \(port); expected 0 to 65535") }
    guard (1...50).contains(directions) else {
      throw ValidationError("--directions is \(directions); expected 1 to 50")
    }
    guard (1...12).contains(anchors) else { throw ValidationError("--anchors is \(anchors); expected 1 to 12") }
    guard staticFile != nil || classes == nil else { throw ValidationError("--classes goes with --static") }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folders = runs.map { RunFolder(URL(fileURLWithPath: $0, isDirectory: true)) }
    let explored = ExploredRuns(folders, data: images.data)
    do {
      if let staticFile {
        let export = StaticExport(
          classes: classes, directions: directions, anchors: anchors, file: URL(fileURLWithPath: staticFile))
        try export.write(explored, console: console)
        print(staticFile)
      } else {
        try serve(explored, console)
      }
    } catch let error as ExplorerError {
      throw ValidationError([error.message, error.hint].compactMap { $0 }.joined(separator: "; "))
    }
  }

  private func serve(_ explored: ExploredRuns, _ console: Console) throws {
    let (host, port, token) = (host, port, Access.randomToken())
    let isLoopback = ["127.0.0.1", "localhost", "::1"].contains(host)
    let server = try blocking {
      try await ExplorerServer.start(host: host, port: port) { port in
        ExplorerService(explored, access: Access(port: port, host: isLoopback ? nil : host, token: token))
      }
    }
    let loading = Task { await explored.load() }
    if !isLoopback {
      console.warn(
        "listening on \(host), beyond this machine: whoever has the token in the address can see the images and change "
          + "the directions, and the connection is not encrypted")
    }
    let name = isLoopback || ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
    let address = "http://\(name):\(server.port)/#token=\(token)"
    print(address)
    // Standard output may be a pipe, and whoever reads it waits for the address.
    fflush(nil)
    if open { Browser.open(address) }
    while !StopSignal.isRequested { Thread.sleep(forTimeInterval: 0.05) }
    loading.cancel()
    try blocking { await server.stop() }
    throw Interrupted()
  }
}
