"""Which calls and assignments are known to do something beyond the variables."""

from __future__ import annotations

import re

# Full dotted name of what is called -> the generators that it seeds.
SEEDS = {
    "random.seed": ("random",),
    "random.setstate": ("random",),
    "numpy.random.seed": ("numpy",),
    "numpy.random.set_state": ("numpy",),
    "torch.manual_seed": ("torch",),
    "torch.seed": ("torch",),
    "torch.random.manual_seed": ("torch",),
    "torch.set_rng_state": ("torch",),
    "torch.cuda.manual_seed": ("torch",),
    "torch.cuda.manual_seed_all": ("torch",),
    "tensorflow.random.set_seed": ("tensorflow",),
    "tensorflow.set_random_seed": ("tensorflow",),
    "tensorflow.compat.v1.set_random_seed": ("tensorflow",),
    "keras.utils.set_random_seed": ("random", "numpy", "tensorflow"),
    "pytorch_lightning.seed_everything": ("random", "numpy", "torch"),
    "lightning.seed_everything": ("random", "numpy", "torch"),
    "lightning.pytorch.seed_everything": ("random", "numpy", "torch"),
    "transformers.set_seed": ("random", "numpy", "torch"),
    "fastai.torch_core.set_seed": ("random", "numpy", "torch"),
}

# Pattern of the full dotted name of what is called -> kind, target. The first that matches counts.
CALLS = tuple(
    (re.compile(rf"(?:{pattern})\Z"), kind, target)
    for pattern, kind, target in (
        ((r"os\.environ\.(update|setdefault|pop|clear)|os\.(putenv|unsetenv)"
         r"|dotenv\.load_dotenv"), "environment", "os.environ"),
        (r"os\.f?chdir", "cwd", "os.cwd"),
        (r"sys\.path\.\w+|site\.addsitedir", "sys.path", "sys.path"),
        ((r"matplotlib\.(use|style\.(use|reload_library)|rc|rcdefaults|rc_file|rcParams\.\w+"
         r"|colormaps\.register|set_loglevel|font_manager\.fontManager\.\w+)"
         r"|matplotlib\.pyplot\.(switch_backend|ion|ioff|xkcd|set_cmap|register_cmap"
         r"|set_loglevel)|matplotlib_inline\.backend_inline\.\w+"
         r"|IPython\.display\.set_matplotlib_\w+|pandas\.plotting\.(de)?register\w*"
         r"|seaborn\.(set|set_theme|set_style|set_context|set_palette|set_color_codes"
         r"|reset_defaults|reset_orig)|arviz\.style\.use|mplhep\.style\.use"
         r"|jtplot\.style|jupyterthemes\.jtplot\.style"), "library-state", "matplotlib.rcParams"),
        (r"pandas\.(set_option|reset_option|set_eng_float_format|options\.\w+)",
         "library-state", "pandas.options"),
        (r"pandas\.api\.extensions\.register_\w+", "monkey-patch", "pandas"),
        (r"numpy\.(set_printoptions|set_string_function)", "library-state",
         "numpy.printoptions"),
        (r"numpy\.(seterr|seterrcall|setbufsize)", "library-state", "numpy.errstate"),
        (r"sklearn\.(utils\.)?set_config", "library-state", "sklearn.config"),
        (r"warnings\.(filterwarnings|simplefilter|resetwarnings)", "library-state",
         "warnings.filters"),
        (r"logging\.(basicConfig|disable|captureWarnings|config\.\w+|setLoggerClass)",
         "library-state", "logging"),
        (r"locale\.setlocale|decimal\.setcontext", "library-state", "locale"),
        ((r"plotly\.offline\.init_notebook_mode|plotly\.io\.(templates|renderers)\.\w+"
         r"|cufflinks\.\w+"), "library-state", "plotly"),
        (r"altair\.(data_transformers|renderers|themes?|v\d\.\w+)\.\w+", "library-state",
         "altair"),
        (r"bokeh\.io\.(output_notebook|output_file|reset_output|curdoc)", "library-state",
         "bokeh"),
        (r"(holoviews|panel|hvplot|geoviews)\.extension|holoviews\.opts\.defaults|shap\.initjs",
         "library-state", "holoviews"),
        ((r"(tqdm\.(auto|notebook)?\.?)?(tqdm|tqdm_notebook)\.pandas|swifter\.\w+"
         r"|pandarallel\.pandarallel\.initialize"), "monkey-patch", "pandas"),
        ((r"importlib\.(reload|invalidate_caches)|gc\.(disable|enable|freeze)"
         r"|sys\.(setrecursionlimit|set\w+)|socket\.setdefaulttimeout|faulthandler\.\w+"),
         "library-state", "python"),
        ((r"subprocess\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)"
         r"|os\.(system|popen|exec\w+|spawn\w+|fork)"), "subprocess", "subprocess"),
        ((r"requests\.\w+|httpx\.\w+|aiohttp\.\w+|urllib\.request\.\w+|urllib3\.\w+|socket\.\w+"
         r"|yfinance\.\w+|pandas_datareader\.\S+|wget\.download|gdown\.\w+|nltk\.download"
         r"|seaborn\.load_dataset|sklearn\.datasets\.fetch_\w+|datasets\.load_dataset"
         r"|statsmodels\.\S*get_rdataset|kagglehub\.\w+|openml\.\S+|boto3\.\w+|ucimlrepo\.\w+"
         r"|huggingface_hub\.\w+|vega_datasets\.data\.\w+\.url"), "network", ""),
        ((r"sqlalchemy\.create_engine|psycopg2?\.connect|pymysql\.connect|pymongo\.\w+"
         r"|sqlite3\.connect|duckdb\.connect|snowflake\.\S+|google\.cloud\.\S+"), "network", ""),
        ((r"time\.(time|time_ns|perf_counter|perf_counter_ns|monotonic|process_time|ctime"
         r"|localtime|gmtime|strftime|asctime)|datetime\.(datetime\.(now|today|utcnow)"
         r"|date\.today)|pandas\.Timestamp\.(now|today|utcnow)|pandas\.Timestamp\.utcnow"
         r"|timeit\.\w+"), "clock", ""),
        (r"uuid\.uuid[14]|secrets\.\w+|os\.urandom|random\.SystemRandom", "random-unseeded", ""),
        ((r"(json|pickle|dill|cloudpickle|joblib|yaml|torch|skops\.io)\.(dump|save)"
         r"|numpy\.(save|savez|savez_compressed|savetxt)|shutil\.(copy\w*|move|rmtree"
         r"|make_archive)|os\.(makedirs|mkdir|remove|rename|replace|unlink|rmdir|removedirs"
         r"|symlink|link)|matplotlib\.pyplot\.(savefig|imsave)|imageio\.\w*write\w*"),
         "file-write", ""),
        ((r"(pandas|polars|geopandas|dask\.dataframe|xarray)\.(read_\w+|scan_\w+|open_\w+"
         r"|ExcelFile|HDFStore)|(json|pickle|dill|cloudpickle|joblib|torch|yaml|skops\.io)\.load"
         r"|numpy\.(load|loadtxt|genfromtxt|fromfile|memmap)|pyarrow\.\S*(read_\w+|dataset)"
         r"|matplotlib\.pyplot\.imread|(PIL\.)?Image\.open|cv2\.imread|skimage\.io\.imread"
         r"|scipy\.io\.loadmat|os\.(listdir|scandir|walk)|glob\.i?glob|librosa\.load"),
         "file-read", ""),
        (r"matplotlib\.pyplot\.show|IPython\.display\.(display|clear_output)", "display", ""),
    )
)  # fmt: skip

# Pattern of the full dotted name that is assigned to, or deleted from -> kind, target.
ASSIGNED = tuple(
    (re.compile(rf"(?:{pattern})(?:\.|\Z)"), kind, target)
    for pattern, kind, target in (
        (r"os\.environ", "environment", "os.environ"),
        (r"sys\.path", "sys.path", "sys.path"),
        (r"matplotlib\.(rcParams\w*|style)", "library-state", "matplotlib.rcParams"),
        (r"pandas\.options", "library-state", "pandas.options"),
        (r"warnings\.filters", "library-state", "warnings.filters"),
        (r"plotly\.(io|express)", "library-state", "plotly"),
        (r"altair", "library-state", "altair"),
        (r"bokeh", "library-state", "bokeh"),
        (r"torch\.backends", "library-state", "torch"),
        (r"IPython", "library-state", "ipython"),
        (r"sys\.(stdout|stderr|stdin|argv|ps1|setrecursionlimit)", "library-state", "python"),
    )
)

# A method of any object, by name.
METHODS = {
    **dict.fromkeys(
        (
            *("to_csv", "to_parquet", "to_excel", "to_json", "to_pickle", "to_feather", "to_hdf"),
            *("to_stata", "to_orc", "savefig", "write_html", "write_image", "write_json"),
            *("write_csv", "write_parquet", "write_text", "write_bytes", "save_model", "tofile"),
            *("to_netcdf", "to_zarr", "mkdir", "unlink", "touch", "write_ipc", "to_file"),
        ),
        ("file-write", ""),
    ),
    **dict.fromkeys(("read_text", "read_bytes", "iterdir", "rglob"), ("file-read", "")),
    **dict.fromkeys(("to_sql", "to_gbq"), ("network", "")),
}
# A call that is put into the state of the process by what it is called on.
CHAINED = (
    (re.compile(r"logging\.getLogger\(.*\)\.\w+\Z", re.DOTALL), "library-state", "logging"),
    (re.compile(r"tensorflow\.get_logger\(\)\.\w+\Z"), "library-state", "tensorflow"),
    (re.compile(r"decimal\.getcontext\(\)\.\w+"), "library-state", "decimal.context"),
    (re.compile(r"bokeh\.io\.curdoc\(\)\.\w+"), "library-state", "bokeh"),
)
# Line magics.
MAGICS = {
    **dict.fromkeys(("matplotlib", "pylab"), ("library-state", "matplotlib.backend")),
    **dict.fromkeys(
        ("config", "load_ext", "reload_ext", "unload_ext", "precision", "autoreload", "xmode"),
        ("library-state", "ipython"),
    ),
    **dict.fromkeys(("env", "set_env"), ("environment", "os.environ")),
    **dict.fromkeys(("cd", "pushd", "popd"), ("cwd", "os.cwd")),
    **dict.fromkeys(
        ("!", "!!", "sx", "system", "sc", "bash", "sh", "script", "pip", "conda", "mamba", "uv"),
        ("subprocess", "subprocess"),
    ),
    **dict.fromkeys(("python", "python3", "perl", "ruby"), ("subprocess", "subprocess")),
    **dict.fromkeys(("mkdir", "cp", "mv", "rm", "rmdir"), ("subprocess", "subprocess")),
    **dict.fromkeys(("writefile", "file", "save", "logstart"), ("file-write", "")),
    **dict.fromkeys(("run", "load", "cat", "pycat"), ("file-read", "")),
    **dict.fromkeys(("?", "??"), ("display", "help")),
}
