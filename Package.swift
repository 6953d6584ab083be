// swift-tools-version: 6.1
//
// The targets, in the order in which data flows through them. A target depends only on targets above
// it; Tests/ArchitectureTests holds this file to that. `docs/ARCHITECTURE.md` says what each one is.

import Foundation
import PackageDescription

func environment(_ name: String) -> String? { Context.environment[name].flatMap { $0.isEmpty ? nil : $0 } }

/// Where libtorch is: `LIBTORCH=/path/to/libtorch` (the folder that holds `include` and `lib`), or the
/// copy that `make setup` unpacks beside this file.
let libtorch = environment("LIBTORCH") ?? "\(Context.packageDirectory)/.libtorch"

/// Of a libtorch for CUDA the part that computes there registers itself when it is loaded; nothing names it.
let libtorchLibraries: [LinkerSetting] =
  FileManager.default.fileExists(atPath: "\(libtorch)/lib/libtorch_cuda.so")
  ? [
    .unsafeFlags(["-Xlinker", "--no-as-needed"]), .linkedLibrary("torch_cpu"), .linkedLibrary("torch_cuda"),
    .linkedLibrary("c10"), .linkedLibrary("c10_cuda"),
  ] : [.linkedLibrary("torch_cpu"), .linkedLibrary("c10")]

/// With `ISDA_CTORCH=/path` the C++ code is not compiled: the folder's libCTorch.so is linked, and looked for beside the
/// program when that starts, so that the program can be carried to where another libtorch is (Scripts/cuda-bundle).
let prebuiltCTorch = environment("ISDA_CTORCH")

let cTorch: Target =
  prebuiltCTorch == nil
  ? .target(
    name: "CTorch",
    // A few units, each of several files: libtorch's headers take most of the 25 s that a file takes by itself.
    sources: ["Units"],
    // Loops over memory without -O2 are a hundred times slower, too slow for tests that train.
    cxxSettings: [.unsafeFlags(["-isystem", "\(libtorch)/include", "-Wall", "-O2"])],
    linkerSettings: [
      .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
      .linkedLibrary("stdc++"),
    ] + libtorchLibraries)
  : .systemLibrary(name: "CTorch", path: "Sources/CTorch/include")

/// Search paths by DT_RPATH, because it holds for the libraries of a library too.
let prebuiltLinking: [LinkerSetting] =
  prebuiltCTorch.map { folder in
    let flags = ["-rpath", "$ORIGIN", "-rpath", "$ORIGIN/lib", "--disable-new-dtags"]
    return [.unsafeFlags(["-L\(folder)"] + flags.flatMap { ["-Xlinker", $0] }), .linkedLibrary("CTorch")]
  } ?? []

let houseStyle: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, on dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: houseStyle)
}

func tests(
  _ name: String, of dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: houseStyle)
}

let package = Package(
  name: "isda",
  products: [
    .executable(name: "isda", targets: ["Command"]),
    // Everything from images to results, and what needs no libtorch: results to pictures.
    .library(
      name: "SemanticDirections",
      targets: [
        "Storage", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Losses", "Results", "Training",
        "Analysis",
      ]),
    .library(
      name: "SemanticFigures",
      targets: ["Storage", "Randomness", "Raster", "Canvas", "Portraits", "Results", "Figures"]),
    .library(name: "SemanticExploration", targets: ["Explorer", "Exploration"]),
    .library(name: "SemanticComparison", targets: ["Storage", "Results", "Studies", "Comparison"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.0.0"),
    // The explorer's server.
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
  ],
  targets: [
    // C and C++ behind small interfaces.
    cTorch,
    .systemLibrary(name: "CCairo", pkgConfig: "cairo-ft", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CFonts", dependencies: ["CCairo"]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CBoostMath", linkerSettings: [.linkedLibrary("stdc++")]),
    .target(name: "CExplorerPage", dependencies: ["CFonts"]),

    // Values and files.
    library("Storage", on: ["CCrypto", "CZlib"]),
    library("Randomness", on: []),
    .target(
      name: "Torch", dependencies: ["CTorch", "Randomness"], swiftSettings: houseStyle, linkerSettings: prebuiltLinking),
    library("Raster", on: ["CPNG", "CJPEG", "Storage"]),
    library("Canvas", on: ["CCairo", "CFonts", "Raster", "Storage"]),

    // Images to features to directions.
    library("Portraits", on: ["Randomness", "Raster", "Canvas"]),
    library("Images", on: ["Storage", "Randomness", "Torch", "Raster", "Portraits"]),
    library("Networks", on: ["Storage", "Torch", "Images"]),
    library("ClassStatistics", on: ["Torch"]),
    library("ISDA", on: ["Torch", "ClassStatistics"]),
    library("Losses", on: ["Torch"]),
    library("Results", on: ["Storage"]),
    library(
      "Training", on: ["Storage", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Losses", "Results"]),
    library(
      "Analysis",
      on: ["Storage", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Results", "Training"]),
    .target(
      name: "Studies", dependencies: ["Storage", "Results", .product(name: "Yams", package: "Yams")],
      // In the binary, so that it needs no folder beside it.
      resources: [.embedInCode("Published/cifar.yaml"), .embedInCode("Published/imagenet.yaml")],
      swiftSettings: houseStyle),
    library("Comparison", on: ["CBoostMath", "Storage", "Randomness", "Results"]),
    library("Figures", on: ["Storage", "Raster", "Canvas", "Results"]),
    .target(
      name: "Explorer",
      dependencies: [
        "CExplorerPage", "Storage", "Raster", "Results",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ], exclude: ["Page"], swiftSettings: houseStyle),
    library("Exploration", on: ["Storage", "Images", "Results", "Analysis", "Explorer"]),
    .executableTarget(
      name: "Command",
      dependencies: [
        "Storage", "Torch", "Raster", "Canvas", "Portraits", "Images", "Networks", "ClassStatistics", "Results",
        "Training", "Analysis", "Studies", "Comparison", "Figures", "Explorer",
        "Exploration",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: houseStyle),

    // Tests, in the same order. `TestSupport` holds what several of them share.
    .target(name: "TestSupport", dependencies: ["Torch"], path: "Tests/TestSupport", swiftSettings: houseStyle),
    tests("ArchitectureTests", of: []),
    tests("StorageTests", of: ["Storage"], resources: [.copy("Fixtures")]),
    tests("RandomnessTests", of: ["Randomness"]),
    tests("TorchTests", of: ["CTorch", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("RasterTests", of: ["Raster", "Storage"], resources: [.copy("Fixtures")]),
    tests("CanvasTests", of: ["Canvas", "Raster"]),
    tests("PortraitsTests", of: ["Portraits", "Raster"], resources: [.copy("Fixtures")]),
    tests(
      "ImagesTests", of: ["Images", "Portraits", "Randomness", "Raster", "Storage", "Torch", "TestSupport"],
      resources: [.copy("Fixtures")], exclude: ["serve.py"]),
    tests(
      "NetworksTests", of: ["Networks", "Images", "Storage", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests(
      "ClassStatisticsTests", of: ["ClassStatistics", "Randomness", "Torch", "TestSupport"],
      resources: [.copy("Fixtures")]),
    tests("ISDATests", of: ["ISDA", "ClassStatistics", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("LossesTests", of: ["Losses", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("ResultsTests", of: ["Results", "Storage"]),
    tests(
      "TrainingTests", of: ["Training", "Images", "Losses", "Networks", "Results", "Storage", "Torch", "TestSupport"]),
    tests(
      "AnalysisTests",
      of: [
        "Analysis", "ClassStatistics", "ISDA", "Images", "Networks", "Results", "Storage", "Torch", "Training",
        "TestSupport",
      ], resources: [.copy("Fixtures")]),
    tests("StudiesTests", of: ["Studies", "Results", "Storage"]),
    tests("ComparisonTests", of: ["Comparison", "Randomness", "Results", "Storage"], resources: [.copy("Fixtures")]),
    tests(
      "FiguresTests", of: ["Figures", "Canvas", "Randomness", "Raster", "Results", "Storage"],
      resources: [.copy("Fixtures")]),
    tests(
      "ExplorerTests", of: ["Explorer", "Randomness", "Raster", "Results", "Storage"],
      resources: [.copy("Fixtures")]),
    tests(
      "ExplorationTests",
      of: ["Exploration", "Explorer", "Analysis", "Images", "Results", "Storage", "Torch", "TestSupport"]),
    tests("CommandTests", of: ["Command", "Portraits", "Raster", "Results", "Storage", "Torch"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17
)
