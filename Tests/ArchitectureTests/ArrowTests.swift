import Foundation
import Testing

/// The order in which data flows through the targets. A target may only depend on targets before it.
private let order = [
  "CTorch", "CCairo", "CCrypto", "CZlib", "CFonts", "CPNG", "CJPEG", "CBoostMath", "CExplorerPage", "Storage",
  "Randomness", "Torch", "Raster", "Canvas", "Portraits", "Images", "Networks", "ClassStatistics", "ISDA", "Losses",
  "Results", "Training",
  "Analysis", "Studies", "Comparison", "Figures", "Explorer", "Exploration", "Command",
]

/// What may be built on libtorch; the rest must not, not even at a distance.
private let knowsLibtorch: Set = [
  "CTorch", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Losses", "Training", "Analysis", "Exploration",
  "Command",
]

@Suite("The arrows between targets point one way")
struct ArrowTests {
  struct Package: Decodable {
    struct Target: Decodable {
      let name: String
      let type: String
      let path: String
      let target_dependencies: [String]?
    }
    let targets: [Target]
  }

  let targets: [String: Package.Target]
  let root: URL

  init() throws {
    root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    // A build folder of its own, because the one of this test run is locked by it.
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("isda-describe-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "swift", "package", "--package-path", root.path, "--scratch-path", scratch.path, "describe", "--type", "json",
    ]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let package = try JSONDecoder().decode(Package.self, from: data)
    targets = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
  }

  private var sources: [Package.Target] { targets.values.filter { $0.path.hasPrefix("Sources/") } }

  @Test func `every target has its place, and no place is empty`() {
    #expect(Set(sources.map(\.name)) == Set(order))
  }

  @Test func `a target depends only on targets before it`() {
    let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    for target in sources {
      for dependency in target.target_dependencies ?? [] {
        #expect(
          (place[dependency] ?? .max) < (place[target.name] ?? .min), "\(target.name) depends on \(dependency)")
      }
    }
  }

  @Test func `only what trains or extracts is built on libtorch`() {
    func reaches(_ name: String) -> Bool {
      name == "CTorch" || (targets[name]?.target_dependencies ?? []).contains(where: reaches)
    }
    #expect(Set(sources.map(\.name).filter(reaches)) == knowsLibtorch)
  }

  @Test func `what a file imports is a dependency of its target`() throws {
    // SwiftPM lets a file import what another target happens to have built; the arrows must be declared.
    for target in sources where target.type != "system-target" {
      let folder = root.appendingPathComponent(target.path)
      let allowed = Set(target.target_dependencies ?? [])
      for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      where file.pathExtension == "swift" {
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.contains("import ")
        {
          let words = line.split(separator: " ")
          guard let index = words.firstIndex(of: "import"), index <= 1, let name = words.last.map(String.init),
            order.contains(name)
          else { continue }
          #expect(allowed.contains(name), "\(target.name)/\(file.lastPathComponent) imports \(name)")
        }
      }
    }
  }
}
